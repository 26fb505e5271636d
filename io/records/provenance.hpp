#pragma once
#include <string>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer {

/// "sociometer 0.1.0 (commit ..)" and what it was built with: for --version.
std::string version_text();
/// The same for records.
Json software_json();
std::string version();
std::string commit();

/// How a result came about, as its records tell it.
struct Provenance {
  /// Words of the command line, without the program's name: each option once, in the order in which
  /// they were given, without what changes no byte of any result, such as the number of threads.
  /// Empty where a program called the library.
  std::vector<std::string> command;
  /// The same as TOML that `--config` takes, and the name of its file; empty without a command
  /// line.
  std::string configuration, configuration_name;
  std::string configuration_read;  ///< the file that --config named, if any

  /// As a shell would take it.
  std::string command_line() const;
  /// Adds Software and, where there was one, CommandLine: each record ends with them.
  void sign(Json& record) const;
  /// Writes the configuration beside the results, as [PREFIX_]sociometer-COMMAND.toml. A file that
  /// was read, and says what was run, may hold notes of its user's: it stays.
  void write_configuration(OutputSet& outputs, const std::string& prefix = "") const;
};

/// A prefix as file names begin with it: an underscore is added when it lacks one.
std::string name_prefix(const std::string& prefix);

}  // namespace sociometer
