#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/model_commands.hpp"
#include "cli/options/model_options.hpp"

namespace sociometer::cli {

void add_model_default_command(CLI::App& model, Shell& shell) {
  auto* c = model.add_subcommand(
      "default", "A model for a dataset: the dissociation, or --plain for any task");
  auto request = std::make_shared<ModelDefaultRequest>();
  add_model_default_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer model default study -o model-of-study_smdl.json\n"
      "  sociometer model default study --plain -o model-plain_smdl.json");
  c->callback(
      [request, &shell] { shell.summary = write_default_model(*request, shell.session()); });
}

}  // namespace sociometer::cli
