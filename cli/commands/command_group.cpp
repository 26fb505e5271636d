#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "cli/options/group_options.hpp"

namespace sociometer::cli {

void add_group_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("group", "Group statistics from the effect maps of participants");
  auto request = std::make_shared<GroupRequest>();
  add_group_options(*c, *request);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer group --effects maps --first-level-contrast outcome \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression \\\n"
      "    --contrast social_anxiety -o group-anxiety");
  c->callback([request, &exit_code] {
    const JobSummary summary = run_group(*request, process_session());
    exit_code = summary.some_failed() ? kDoneWithFailures : kDone;
  });
}

}  // namespace sociometer::cli
