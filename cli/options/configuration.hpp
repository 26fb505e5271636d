#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::cli {

/// Puts the options of `--config FILE` into a command line, before those that it has; an option
/// that the command line has is not taken from the file, nor positional ones when it begins with
/// one.
/// @param words  after the command.
/// @throws Error{usage} for options that the command does not have, Error{bad_input} for a file
/// that cannot be read or is another command's.
std::vector<std::string> with_configuration(const CLI::App& command,
                                            const std::vector<std::string>& words);

/// Keeps what the command was given, for sidecars (command_words of software.hpp) and for
/// write_configuration; without options that change no byte.
/// @param command  parsed.
void remember_command(const CLI::App& command);

/// The command as TOML: a table named after it with the options that were given, and the defaults
/// of the others as comments. `--config` with it gives the same bytes again.
std::string configuration_toml();

/// Writes it beside the results, as [PREFIX_]sociometer-COMMAND.toml.
void write_configuration(OutputSet& outputs, const std::string& prefix = "");

}  // namespace sociometer::cli
