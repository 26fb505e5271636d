#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/region_fit_job.hpp"
#include "cli/options/bind.hpp"
#include "cli/options/design_options.hpp"
#include "cli/options/fit_options.hpp"
#include "cli/options/region_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_roi_fit_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand(
      "fit", "First level on regions: their series are averaged first, then fitted");
  auto request = std::make_shared<RegionFitRequest>();
  c->add_option("--bold", request->bold, "4D images of one participant, one per run")->required();
  add_region_options(*c, request->regions);
  add_design_options(*c, request->design);
  add_choice(*c, "--summary", request->summary,
             "What stands for a region in a scan: mean, weighted-mean, median, eigenvariate");
  add_noise_model_option(*c, request->noise_model,
                         "ols, arK, arK-corrected, arK-averaged (K 1 .. 5), auto, ar1-nilearn, "
                         "arma11, tukey");
  add_choice(*c, "--scaling", request->scaling,
             "none, psc (percent of the region's mean) or grand");
  add_choice(*c, "--fixed-effects", request->fixed_effects,
             "Runs combined by precision, meier (precision, with the noise of its weights), equal, "
             "or as nilearn; not pooled, which needs all voxels");
  c->add_option("--participant", request->participant,
                "Label for the table (default: from the file name)");
  c->add_option("--session", request->session, "Label for the table (default: from the file name)");
  c->add_flag("--include-zeros", request->include_zeros,
              "Voxels that are 0 in the first scan count (default: they lie outside the brain)");
  c->add_option("--min-coverage", request->min_coverage, "Warn of regions that are covered less")
      ->capture_default_str();
  c->add_option("--prefix", request->prefix, "Put before every file name");
  c->add_option("-o,--output", request->output, "Output folder")->required();
  add_memory_option(*c, shell.options);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi fit --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz "
      "\\\n"
      "    --events learning/sub-01/func/*_events.tsv --rois rois/rois.tsv \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcome=feedback:outcome_update -o values-of-means");
  c->callback([request, &shell] {
    shell.summary = region_fit(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
