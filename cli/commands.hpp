#pragma once
#include <string>
#include <vector>

#include "cli/cli11_declarations.hpp"
#include "io/output_set.hpp"

namespace sociometer::cli {

/// Options that every command has.
struct GlobalOptions {
  int n_threads = 0;  ///< 0: all processors
  std::string log_level = "info";
  bool overwrite = false;
  int threads() const;
};
void add_global_options(CLI::App& command, GlobalOptions& options);

/// The files of a command in its output folder: they are those of the same command and prefix.
OutputPolicy output_policy(const GlobalOptions& options, const std::string& command,
                           const std::string& prefix);

/// What a command returns to the shell when nothing went wrong that stopped it.
inline constexpr int kDone = 0;
inline constexpr int kDoneWithFailures = 5;

/// Words of a command line, last first as CLI11 wants them. CLI11 would take "[1,-1,0]" apart; a
/// blank before the bracket keeps a list of weights whole.
std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words);

/// Each declares its options on `app` and sets `exit_code` when it ran.
void add_design_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_fit_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_contrast_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_learn_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_roi_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_group_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_merge_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_example_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_power_command(CLI::App& app, GlobalOptions& global, int& exit_code);
void add_simulate_command(CLI::App& app, GlobalOptions& global, int& exit_code);

}  // namespace sociometer::cli
