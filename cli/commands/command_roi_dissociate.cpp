#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/dissociate_job.hpp"
#include "cli/options/region_options.hpp"

namespace sociometer::cli {

void add_roi_dissociate_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand(
      "dissociate", "Which region follows which signal: region x signal analysis, also voxelwise");
  auto request = std::make_shared<DissociateRequest>();
  add_dissociate_options(*c, *request);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi dissociate values/roi_values.tsv --regions ventralStriatum dACC "
      "\\\n    --signals outcome rank -o dissociation\n  sociometer roi dissociate --maps "
      "'maps/*/*_stat-effect_statmap.nii.gz' --signals outcome rank -o places");
  c->callback([request, &exit_code] {
    const JobSummary summary = dissociate_regions(*request, process_session());
    fmt::print("{}", summary.text);
    exit_code = summary.some_failed() ? kDoneWithFailures : kDone;
  });
}

}  // namespace sociometer::cli
