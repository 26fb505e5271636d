#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/test_job.hpp"
#include "cli/options/region_options.hpp"

namespace sociometer::cli {

void add_roi_test_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand("test", "Tests of region values over participants");
  auto request = std::make_shared<TestRequest>();
  add_test_options(*c, *request);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi test values/roi_values.tsv --test regression \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression -o tests");
  c->callback([request, &exit_code] {
    exit_code = test_regions(*request, process_session()).some_failed() ? kDoneWithFailures : kDone;
  });
}

}  // namespace sociometer::cli
