#include "cli/commands/commands.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/help_formatter.hpp"
#include "cli/options/option_kinds.hpp"

namespace sociometer::cli {

void declare_commands(CLI::App& app, Shell& shell) {
  app.description(
      "Sociometer: task-fMRI general linear models, from choices and images to maps and tables");
  app.name("sociometer");
  add_run_command(app, shell);
  add_status_command(app, shell);
  add_model_command(app, shell);
  add_fit_command(app, shell);
  add_design_command(app, shell);
  add_contrast_command(app, shell);
  add_trials_command(app, shell);
  add_mixed_command(app, shell);
  add_ppi_command(app, shell);
  add_beta_series_command(app, shell);
  add_rsa_command(app, shell);
  add_learn_command(app, shell);
  add_roi_command(app, shell);
  add_group_command(app, shell);
  add_merge_command(app, shell);
  add_clusters_command(app, shell);
  add_report_command(app, shell);
  add_example_command(app, shell);
  add_power_command(app, shell);
  add_simulate_command(app, shell);
  add_completion_command(app);
  add_documentation_command(app);
  app.footer(
      "Exit codes: 0 done, 1 bug, 2 usage, 3 bad input, 4 cannot write, 5 done but some contrasts, "
      "runs or participants failed.\n"
      "`sociometer help COMMAND` and `sociometer COMMAND --help` give an example for each "
      "command.\n"
      "A first study: `sociometer simulate study`, then `sociometer example` or `sociometer run`. "
      "Documents: README.md and docs/ of the source, share/doc/sociometer of an installation.");
  describe_options(app);
  use_help_formatter(app);
}

}  // namespace sociometer::cli
