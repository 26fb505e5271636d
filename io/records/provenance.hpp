#pragma once
#include <string>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/record_kind.hpp"

namespace sociometer {

/// "sociometer 0.1.0 (commit ..)" and build information: for --version.
std::string version_text();
/// The same for records.
Json software_json();
std::string version();
std::string commit();

/// How a result was produced, as stated in its records.
struct Provenance {
  /// Arguments of the command line without the program's name: each option once, in the order
  /// given, except those that do not change a byte of any result, such as the number of threads.
  /// Empty if another program called the library.
  std::vector<std::string> command;
  /// The same as TOML, as accepted by `--config`, and the name of its file; empty without a command
  /// line.
  std::string configuration, configuration_name;
  std::string configuration_read;  ///< the file given by --config, if any

  /// The same run with another output folder, as the merged results of shards have it.
  Provenance with_output(const std::string& output) const;

  /// Quoted for a shell.
  std::string command_line() const;
  /// Appends Record (kind and version), Software and, if there was one, CommandLine: every record
  /// ends with them.
  void sign(Json& record, RecordKind kind) const;
  /// Writes the configuration next to the results, as [PREFIX_]sociometer-COMMAND.toml. A file that
  /// was read and has the same options is left unchanged, since it may contain the user's notes.
  void write_configuration(OutputSet& outputs, const std::string& prefix = "") const;
};

/// A prefix for file names: an underscore is appended if it does not end in one.
std::string name_prefix(const std::string& prefix);

}  // namespace sociometer
