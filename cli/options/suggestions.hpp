#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The command that words begin with, and how many of them name it. The app itself for none.
struct AskedCommand {
  CLI::App* command = nullptr;
  size_t n_words = 0;
};

/// @throws Error{usage} naming the nearest command, for one that there is not.
AskedCommand find_command(CLI::App& app, const std::vector<std::string>& words);

/// Looks through the options of a command line before CLI11 does.
/// @param words  after the command.
/// @return the words with "-o=X" as "-o X" and "--prefix=" as "--prefix ''", which CLI11 would
/// take for "=X" and for the next word.
/// @throws Error{usage} for an option that the command does not have, naming the nearest, for one
/// without its value, and for one that takes one value and is given twice.
std::vector<std::string> checked_words(const CLI::App& command,
                                       const std::vector<std::string>& words);

/// Puts files for the globs that a shell left alone, in lists of files.
/// @param words  after the command, by checked_words.
/// @throws Error{bad_input} naming a glob that nothing matches.
std::vector<std::string> with_files_of_globs(const CLI::App& command,
                                             const std::vector<std::string>& words);

/// What CLI11 found wrong, as our own messages say it.
std::string readable_error(const CLI::App& command, const CLI::ParseError& error);

}  // namespace sociometer::cli
