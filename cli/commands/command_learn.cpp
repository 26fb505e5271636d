#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/learning/learn_job.hpp"
#include "cli/options/learn_options.hpp"

namespace sociometer::cli {

void add_learn_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "learn", "Learning models of choices: parameters, model comparison, trial-wise signals");
  auto request = std::make_shared<LearnRequest>();
  add_learn_options(*c, *request);
  add_memory_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer learn study derivatives/learning --models "
      "hybrid,rank,outcome,random");
  c->callback([request, &shell] { shell.summary = learn(*request, shell.session()); });
}

}  // namespace sociometer::cli
