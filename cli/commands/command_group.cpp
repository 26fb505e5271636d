#include <memory>

#include <CLI/CLI.hpp>

#include "cli/jobs/group/group_run.hpp"

namespace sociometer::cli {

void add_group_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("group", "Group statistics from the effect maps of participants");
  auto a = std::make_shared<GroupArguments>();
  add_group_options(*c, *a);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer group --effects maps --first-level-contrast outcome \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression \\\n"
      "    --contrast social_anxiety -o group-anxiety");
  c->callback(
      [a, c, &global, &exit_code] { exit_code = run_group(*a, global, result_options(*c)); });
}

}  // namespace sociometer::cli
