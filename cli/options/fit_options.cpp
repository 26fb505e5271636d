#include "cli/options/fit_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "cli/options/design_options.hpp"

namespace sociometer::cli {

void add_noise_model_option(CLI::App& c, NoiseModel& model, const char* help) {
  in_any_case(c.add_option_function<std::string>(
                  "--noise-model",
                  [&model](const std::string& name) {
                    NoiseModel named = parse_noise_model(name);
                    named.arma = model.arma;
                    named.run_starts = model.run_starts;
                    named.tukey_lags = model.tukey_lags;
                    named.smoothing_fwhm_mm = model.smoothing_fwhm_mm;
                    model = std::move(named);
                  },
                  help))
      ->default_str(to_string(model));
}

namespace {

void add_noise_options(CLI::App& c, NoiseModel& noise) {
  add_noise_model_option(c, noise,
                         "ols, arK, arK-corrected, arK-averaged (K 1 .. 5), auto, ar1-nilearn, "
                         "arma11, mixture, spm-ar1, spm-fast, tukey");
  c.add_option("--noise-smoothing", noise.smoothing_fwhm_mm,
               "Smooth the noise parameters over space (arK, arK-corrected, auto, arma11, tukey): "
               "FWHM in mm")
      ->capture_default_str();
  c.add_option("--tukey-lags", noise.tukey_lags,
               "Where the Tukey taper ends, scans (default: FILM's int(2 sqrt(scans)) / 2)");
  ArmaOptions& arma = noise.arma;
  add_choice(c, "--arma-search", arma.search,
             "continuous (REML optimum) or afni (3dREMLfit's grid search)");
  c.add_option("--arma-grid", arma.grid_level, "Grid level, 3 to 7, as 3dREMLfit -Grid")
      ->capture_default_str();
  c.add_option("--arma-max-a", arma.max_a, "Largest a (default .95; afni .8)");
  c.add_option("--arma-max-b", arma.max_b, "Largest b (default .95; afni .8)");
  c.add_option("--arma-cutoff", arma.cutoff, "Correlations below it are 0 (afni)")
      ->capture_default_str();
  c.add_option_function<std::vector<double>>(
       "--arma-fixed",
       [&arma](const std::vector<double>& ab) {
         arma.fixed = ArmaParameters{ab.at(0), ab.at(1)};
       },
       "a and b for every voxel, no search")
      ->expected(2);
  c.add_flag("--arma-negative", arma.negative, "Also negative correlations (-NEGcor)");
  c.add_flag("--arma-white-noise-plus", arma.white_noise_plus,
             "Only AR(1) plus white noise (-WNplus)");
  c.add_option("--run-starts", noise.run_starts,
               "First scans of runs that are in one image, one after another (arma11): no "
               "correlation across them");
}

void add_voxel_options(CLI::App& c, FitRequest& a) {
  c.add_option_function<std::vector<std::string>>(
      "--mask", [&a](const std::vector<std::string>& words) { a.mask = parse_mask_source(words); },
      "Voxels to analyse: masks (their intersection), auto (the desc-brain_mask beside "
      "each image) or computed from the data (default: auto where all images have one)");
  c.add_option("--mask-fraction", a.mask_fraction,
               "Computed mask: share of the global value a voxel must exceed")
      ->capture_default_str();
  c.add_option("--smoothing-fwhm", a.smoothing_fwhm_mm,
               "Gaussian smoothing before the fit, mm: one number, or three for the voxel axes")
      ->delimiter(',');
  add_choice(c, "--scaling", a.scaling,
             "none, psc (percent of the voxel's mean) or grand (mean of the mask = 100)");
  add_noise_options(c, a.noise_model);
  c.add_option(
      "--runs-at-once", a.runs_at_once,
      "Runs that are fitted side by side (default, 0: as many as threads, half of that for "
      "averaged models, one for arma11, auto and others that keep the series)");
}

void add_output_options(CLI::App& c, FitRequest& a) {
  add_choice(c, "--map-type", a.map_type, "float32 or float64 (p maps are always float64)");
  c.add_option("--prefix", a.prefix,
               "Put before every file name, like sub-01_task-social (default: what the images' "
               "names have in "
               "common, in folders of participant and session)");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

}  // namespace

void add_run_options(CLI::App& c, FitRequest& a) {
  c.add_option("--bold", a.bold, "4D images, one per run")->required();
  add_model_options(c, a.design);
  add_voxel_options(c, a);
  add_output_options(c, a);
}

void add_fit_options(CLI::App& c, FitRequest& a) {
  c.add_option("--bold", a.bold, "4D images, one per run")->required();
  add_design_options(c, a.design);
  add_voxel_options(c, a);
  add_choice(c, "--fixed-effects", a.fixed_effects,
             "Runs combined by precision, meier (precision, with the noise of its weights), pooled "
             "(one weight per run, by its median precision over voxels), equal, or as nilearn");
  add_choices(c, "--save", a.save,
              "More maps: residual-variance r-squared noise ljung-box mean betas status tsnr, and "
              "series: residuals predicted")
      ->delimiter(',');
  c.add_flag("--log-p", a.log_p, "Also maps of -log10 p (stat-log10p)");
  c.add_flag("!--no-estimates", a.estimates, "Do not write estimates.h5");
  add_output_options(c, a);
}

}  // namespace sociometer::cli
