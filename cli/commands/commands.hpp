#pragma once
#include "cli/jobs/session.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "cli/options/global_options.hpp"

namespace sociometer::cli {

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

/// Every command with its options, in the order of the help; what they are about, their types and
/// choices (option_kinds.hpp) included.
void declare_commands(CLI::App& app, Shell& shell);

/// Each declares its options on `app`, and its job when it is called.
void add_design_command(CLI::App& app, Shell& shell);
void add_fit_command(CLI::App& app, Shell& shell);
void add_contrast_command(CLI::App& app, Shell& shell);
void add_learn_command(CLI::App& app, Shell& shell);
void add_roi_command(CLI::App& app, Shell& shell);
void add_group_command(CLI::App& app, Shell& shell);
void add_merge_command(CLI::App& app, Shell& shell);
void add_example_command(CLI::App& app, Shell& shell);
void add_power_command(CLI::App& app, Shell& shell);
void add_simulate_command(CLI::App& app, Shell& shell);
void add_completion_command(CLI::App& app);
/// Hidden: what the build writes from the declarations.
void add_documentation_command(CLI::App& app);

}  // namespace sociometer::cli
