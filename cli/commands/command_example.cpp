#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/options/simulation_options.hpp"

namespace sociometer::cli {

void add_example_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "example",
      "A small simulated participant with known truth, and the check that a fit recovers it");
  auto request = std::make_shared<ExampleRequest>();
  add_example_options(*c, *request);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer example study\n  sociometer fit --bold study/*_bold.nii.gz --events "
      "study/*_events.tsv \\\n"
      "    --confounds study/*_timeseries.tsv \\\n"
      "    --modulators feedback:match,rank --contrast choice match=feedback:match "
      "rank=feedback:rank -o maps\n"
      "  sociometer example study --verify maps");
  c->callback([request, &exit_code] {
    const ExampleSummary summary = example(*request, process_session());
    if (!request->verify.empty()) fmt::print("{}", recovery_table(summary.recoveries));
    require_recovered(*request, summary);
    exit_code = kDone;
  });
}

}  // namespace sociometer::cli
