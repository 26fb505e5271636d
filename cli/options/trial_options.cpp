#include "cli/options/trial_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "cli/options/fit_options.hpp"
#include "cli/options/region_options.hpp"

namespace sociometer::cli {

void add_trial_options(CLI::App& c, TrialsRequest& a) {
  add_run_options(c, a.fit);
  // Trials are split by their events, which a ready design does not have.
  c.remove_option(c.get_option("--design"));
  add_choice(c, "--method", a.method,
             "lss (a model per trial, the others together) or lsa (one model with a column per "
             "trial)");
  add_choice(c, "--others", a.others,
             "lss: the other trials have a column per condition, with its modulators, or one "
             "column for all");
  c.get_option("--hrf")->description(
      "spm, glover, each with '+ derivative' and '+ dispersion'; library (a response per voxel), "
      "library:1 to library:20; none");
  add_choice(c, "--hrf-choice", a.hrf_choice,
             "--hrf library: the model whose R2 chooses: one column for all events, or one per "
             "condition and modulator")
      ->default_str(name_of(HrfChoice::all_events));
  c.add_option("--hrf-map", a.hrf_map,
               "--hrf library: each voxel's response, 1 to 20, as an earlier run wrote it, instead "
               "of choosing");
  c.add_option("--unit-duration", a.unit_duration_s,
               "--hrf library: amplitudes are in units of the response to an event of so many "
               "seconds (default: the trials' median)");
  c.add_option(
       "--trial-types", a.types,
       "Conditions whose trials are split, the rest as in `fit` (default: all; with --model: "
       "columns of X whose events all have the amplitude 1)")
      ->delimiter(',');
  add_choice(c, "--amplitude", a.amplitude,
             "response (its coefficient) or peak (signed length of the coefficients of response "
             "and derivatives)");
  c.add_option_function<std::string>(
      "--shrinkage", [&a](const std::string& text) { a.shrinkage = parse_shrinkage(text); },
      "lsa, ols: ridge regression that keeps this fraction of the amplitudes' length; cv: "
      "each voxel's fraction by cross-validation over runs");
  c.add_option("--shrinkage-labels", a.shrinkage_labels,
               "cv: column of the events whose values are expected to be alike over runs (default: "
               "trial_type)");
  c.add_option("--average-by", a.average_by,
               "Columns of the events: also the mean over the trials of each of their values")
      ->delimiter(',');
  add_choice(c, "--images", a.images,
             "All voxels' amplitudes as a 4D image, as trials.h5, as both, or not");
  c.add_flag("--variance", a.variance, "Also the variance of each amplitude");
  add_region_options(c, a.regions);
}

}  // namespace sociometer::cli
