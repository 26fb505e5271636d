#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/learning/learn_job.hpp"
#include "cli/options/learn_options.hpp"

namespace sociometer::cli {

void add_learn_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "learn", "Learning models of choices: parameters, model comparison, trial-wise signals");
  auto request = std::make_shared<LearnRequest>();
  add_learn_options(*c, *request);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer learn study derivatives/learning --models "
      "hybrid,rank,outcome,random");
  c->callback([request, &exit_code] {
    exit_code = learn(*request, process_session()).some_failed() ? kDoneWithFailures : kDone;
  });
}

}  // namespace sociometer::cli
