#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/mixed/mixed_job.hpp"
#include "cli/options/mixed_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_mixed_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "mixed", "Mixed models of single trials, from tables: linear, logistic; mediation");
  auto request = std::make_shared<MixedRequest>();
  add_mixed_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer mixed learning/sub-*/func/*_desc-signals_events.tsv \\\n"
      "    --where trial_type=feedback --center-within outcome_update --formula \\\n"
      "    'rank_update ~ outcome_update_within + (1 + outcome_update_within | participant_id)' "
      "\\\n"
      "    -o mixed");
  c->callback([request, &shell] {
    shell.summary = mixed(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
