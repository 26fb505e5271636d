#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "cli/options/group_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_group_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("group", "Group statistics from the effect maps of participants");
  auto request = std::make_shared<GroupRequest>();
  add_group_options(*c, *request);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer group --effects maps --first-level-contrast outcome \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression \\\n"
      "    --contrast social_anxiety -o group-anxiety");
  c->callback([request, &shell] {
    shell.summary = run_group(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
