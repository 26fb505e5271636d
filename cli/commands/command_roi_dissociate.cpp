#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/dissociate_job.hpp"
#include "cli/options/region_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_roi_dissociate_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand(
      "dissociate", "Which region follows which signal: region x signal analysis, also voxelwise");
  auto request = std::make_shared<DissociateRequest>();
  add_dissociate_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi dissociate values/roi_values.tsv --regions ventralStriatum dACC "
      "\\\n    --signals outcome rank -o dissociation\n  sociometer roi dissociate --maps "
      "'maps/*/*_stat-effect_statmap.nii.gz' --signals outcome rank -o places");
  c->callback([request, &shell] {
    shell.summary = dissociate_regions(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
