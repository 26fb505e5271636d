#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/make_job.hpp"
#include "cli/options/region_options.hpp"

namespace sociometer::cli {

void add_roi_make_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand("make", "Masks of regions on the grid of an image, with a table");
  auto request = std::make_shared<MakeRequest>();
  add_make_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi make --like maps/sub-01/sub-01_mask.nii.gz \\\n"
      "    --set rejection striatum --union rejectionRegions=dACC,vACC \\\n"
      "    ventralStriatum=ventralStriatumL,ventralStriatumR -o rois");
  c->callback([request, &shell] { shell.summary = make_rois(*request, shell.session()); });
}

}  // namespace sociometer::cli
