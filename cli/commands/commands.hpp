#pragma once
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "io/bytes/output_set.hpp"

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

/// The files of a command in its output folder: they are those of the same command and prefix.
OutputPolicy output_policy(const GlobalOptions& options, const std::string& command,
                           const std::string& prefix);

/// What the commands of one run of the program share: the options that each has, and what the one
/// that is called does with the session that they make.
class Shell {
 public:
  explicit Shell(Journal& journal) : journal_(journal) {}
  GlobalOptions options;
  Provenance provenance;  ///< of the command, once it is parsed
  JobSummary summary;     ///< of the job that the command called
  Session session() const { return {options.threads(), journal_, provenance, options.overwrite}; }

 private:
  Journal& journal_;
};

/// What a command returns to the shell when nothing went wrong that stopped it.
inline constexpr int kDone = 0;
inline constexpr int kDoneWithFailures = 5;

/// Words of a command line, last first as CLI11 wants them. CLI11 would take "[1,-1,0]" apart and
/// "-.5" for an option; a blank before them keeps them whole.
std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words);

/// Every command with its options, in the order of the help; what they are about, their types and
/// choices (option_kinds.hpp) included.
void declare_commands(CLI::App& app, Shell& shell, GlobalOptions& global, int& exit_code);

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
void add_completion_command(CLI::App& app);
/// Hidden: what the build writes from the declarations.
void add_documentation_command(CLI::App& app);

}  // namespace sociometer::cli
