#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The command that the words begin with, and how many of them name it. The app itself if none.
struct AskedCommand {
  CLI::App* command = nullptr;
  size_t n_words = 0;
};

/// @throws Error{usage} for an unknown command, naming the nearest one.
AskedCommand find_command(CLI::App& app, const std::vector<std::string>& words);

/// Checks the options of a command line before CLI11 does.
/// @param words  after the command.
/// @return the words with "-o=X" as "-o X" and "--prefix=" as "--prefix ''", which CLI11 would
/// take for "=X" and for the next word.
/// @throws Error{usage} for an option unknown to the command, naming the nearest, for one
/// without its value, and for a repeated option that takes a single value.
std::vector<std::string> checked_words(const CLI::App& command,
                                       const std::vector<std::string>& words);

/// Expands globs that the shell did not, in lists of files.
/// @param words  after the command, from checked_words.
/// @throws Error{bad_input} naming a glob without matches.
std::vector<std::string> with_files_of_globs(const CLI::App& command,
                                             const std::vector<std::string>& words);

/// CLI11's error in the style of our own messages.
std::string readable_error(const CLI::App& command, const CLI::ParseError& error);

}  // namespace sociometer::cli
