#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {

/// Words of a command line, and the configuration file that some of them come from.
struct ConfiguredWords {
  std::vector<std::string> words;
  std::string file;  ///< empty without --config
};

/// Puts the options of `--config FILE` into a command line, before those that it has; an option
/// that the command line has is not taken from the file, nor positional ones when it begins with
/// one.
/// @param words  after the command.
/// @throws Error{usage} for options that the command does not have, Error{bad_input} for a file
/// that cannot be read or is another command's.
ConfiguredWords with_configuration(const CLI::App& command, const std::vector<std::string>& words);

/// What records tell of a command line, without options that change no byte; and the command as
/// TOML: a table named after it with the options that were given, and the defaults of the others as
/// comments. `--config` with it gives the same bytes again.
/// @param command  parsed.
/// @param configuration_read  the file that --config named, if any.
Provenance provenance_of(const CLI::App& command, const std::string& configuration_read);

}  // namespace sociometer::cli
