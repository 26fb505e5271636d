#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/commands/model_commands.hpp"

namespace sociometer::cli {

void add_model_command(CLI::App& app, Shell& shell) {
  auto* model = app.add_subcommand(
      "model", "BIDS stats models: say what one does, make one for a dataset or of a command");
  model->require_subcommand(1);
  add_model_check_command(*model, shell);
  add_model_default_command(*model, shell);
  add_model_from_command_command(*model, shell);
  model->footer("`sociometer model COMMAND --help` gives an example for each.");
}

}  // namespace sociometer::cli
