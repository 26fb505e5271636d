#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/individual_job.hpp"
#include "cli/options/region_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_roi_individual_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand(
      "individual", "Individual differences: signals of regions against scores of participants");
  auto request = std::make_shared<IndividualRequest>();
  add_individual_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi individual values/roi_values.tsv --participants "
      "study/participants.tsv \\\n    --scores social_anxiety depression --regions "
      "ventralStriatum dACC --signals outcome rank \\\n    -o individual");
  c->callback([request, &shell] {
    shell.summary = individual(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
