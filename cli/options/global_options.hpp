#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Options that every command has.
struct GlobalOptions {
  int n_threads = 0;  ///< 0: all processors
  std::string log_level = "info";
  bool quiet = false;
  std::string log_file, config;
  bool overwrite = false;
  int threads() const;
};
void add_global_options(CLI::App& command, GlobalOptions& options);

/// Options of any command that change no byte of a result: how much of the machine it may take,
/// what it says, how its work is split. Neither sidecars nor configurations have them.
bool changes_no_byte(const std::string& option);

/// Words of a command line, last first as CLI11 wants them. CLI11 would take "[1,-1,0]" apart and
/// "-.5" for an option; a blank before them keeps them whole.
std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words);

}  // namespace sociometer::cli
