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

/// Inserts the options of `--config FILE` into a command line, before the existing ones; options
/// given on the command line override the file, and so do positional ones when the line begins with
/// one.
/// @param words  after the command.
/// @throws Error{usage} for options unknown to the command, Error{bad_input} for a file
/// that cannot be read or belongs to another command.
ConfiguredWords with_configuration(const CLI::App& command, const std::vector<std::string>& words);

/// The provenance of a command line, without options that change no byte; and the command as
/// TOML: a table named after it with the given options, and the defaults of the others as
/// comments. Rerunning with it as `--config` reproduces the same bytes.
/// @param command  parsed.
/// @param configuration_read  the file named by --config, if any.
Provenance provenance_of(const CLI::App& command, const std::string& configuration_read);

}  // namespace sociometer::cli
