#pragma once
#include "cli/jobs/session.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "cli/options/global_options.hpp"

namespace sociometer::cli {

/// State shared by the commands of one run of the program: the options of each, and the action
/// of the one that is called, with the session created from them.
class Shell {
 public:
  explicit Shell(Journal& journal) : journal_(journal) {}
  GlobalOptions options;
  Provenance provenance;  ///< of the command, once parsed
  JobSummary summary;     ///< of the job that the command called
  Session session() const {
    return {.threads = options.threads(),
            .journal = journal_,
            .provenance = provenance,
            .overwrite = options.overwrite,
            .memory_bytes = options.memory_bytes,
            .dry_run = options.dry_run,
            .reads_since = {}};  // the command is the whole process
  }

 private:
  Journal& journal_;
};

/// Declares every command with its options, in the order of the help, including their topics,
/// types and choices (option_kinds.hpp).
void declare_commands(CLI::App& app, Shell& shell);

/// Each declares its options on `app`, and the job to run when it is called.
void add_design_command(CLI::App& app, Shell& shell);
void add_fit_command(CLI::App& app, Shell& shell);
void add_contrast_command(CLI::App& app, Shell& shell);
void add_trials_command(CLI::App& app, Shell& shell);
void add_mixed_command(CLI::App& app, Shell& shell);
void add_ppi_command(CLI::App& app, Shell& shell);
void add_beta_series_command(CLI::App& app, Shell& shell);
void add_rsa_command(CLI::App& app, Shell& shell);
void add_learn_command(CLI::App& app, Shell& shell);
void add_roi_command(CLI::App& app, Shell& shell);
void add_report_command(CLI::App& app, Shell& shell);
void add_group_command(CLI::App& app, Shell& shell);
void add_merge_command(CLI::App& app, Shell& shell);
void add_clusters_command(CLI::App& app, Shell& shell);
void add_example_command(CLI::App& app, Shell& shell);
void add_power_command(CLI::App& app, Shell& shell);
void add_run_command(CLI::App& app, Shell& shell);
void add_status_command(CLI::App& app, Shell& shell);
void add_model_command(CLI::App& app, Shell& shell);
void add_simulate_command(CLI::App& app, Shell& shell);
void add_completion_command(CLI::App& app);
/// Hidden: the build writes documentation from the declarations with it.
void add_documentation_command(CLI::App& app);

}  // namespace sociometer::cli
