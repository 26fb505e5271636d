#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Options common to all commands.
struct GlobalOptions {
  int n_threads = 0;  ///< 0: all processors
  std::string log_level = "info";
  bool quiet = false;
  std::string log_file, config;
  bool overwrite = false;
  double memory_bytes = 0;  ///< 0: no limit
  bool dry_run = false;
  int threads() const;
};
void add_global_options(CLI::App& command, GlobalOptions& options);

/// --memory, for commands that know beforehand what they will take.
void add_memory_option(CLI::App& command, GlobalOptions& options);
/// --dry-run, for commands that say what they would do.
void add_dry_run_option(CLI::App& command, GlobalOptions& options);

/// Options of any command that change no byte of a result: machine resources, messages, division of
/// the work. They appear neither in sidecars nor in configurations.
bool changes_no_byte(const std::string& option);

/// Words of a command line, reversed as CLI11 expects. CLI11 would split "[1,-1,0]" and take
/// "-.5" for an option; a leading blank prevents both.
std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words);

}  // namespace sociometer::cli
