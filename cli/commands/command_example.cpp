#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/options/simulation_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_example_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "example",
      "A small simulated participant with known truth, and the check that a fit recovers it");
  auto request = std::make_shared<ExampleRequest>();
  add_example_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer example study\n  sociometer fit --bold study/*_bold.nii.gz --events "
      "study/*_events.tsv \\\n"
      "    --confounds study/*_timeseries.tsv \\\n"
      "    --modulators feedback:match,rank --contrast choice match=feedback:match "
      "rank=feedback:rank -o maps\n"
      "  sociometer example study --verify maps");
  c->callback([request, &shell] {
    const ExampleSummary summary = example(*request, shell.session());
    if (!request->verify.empty()) print_result(recovery_table(summary.recoveries));
    require_recovered(*request, summary);
  });
}

}  // namespace sociometer::cli
