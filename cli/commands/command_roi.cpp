#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/commands/roi_commands.hpp"

namespace sociometer::cli {

void add_roi_command(CLI::App& app, Shell& shell) {
  auto* roi = app.add_subcommand(
      "roi",
      "Regions of interest: make them, extract values, test, dissociate, individual differences");
  roi->require_subcommand(1);
  add_roi_make_command(*roi, shell);
  add_roi_extract_command(*roi, shell);
  add_roi_fit_command(*roi, shell);
  add_roi_test_command(*roi, shell);
  add_roi_dissociate_command(*roi, shell);
  add_roi_individual_command(*roi, shell);
  roi->footer("`sociometer roi COMMAND --help` gives an example for each.");
}

}  // namespace sociometer::cli
