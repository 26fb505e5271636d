#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/test_job.hpp"
#include "cli/options/region_options.hpp"

namespace sociometer::cli {

void add_roi_test_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand("test", "Tests of region values over participants");
  auto request = std::make_shared<TestRequest>();
  add_test_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi test values/roi_values.tsv --test regression \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression -o tests");
  c->callback([request, &shell] { shell.summary = test_regions(*request, shell.session()); });
}

}  // namespace sociometer::cli
