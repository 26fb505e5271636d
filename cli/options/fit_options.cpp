#include "cli/options/fit_options.hpp"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>

#include "engine/core/error.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::cli {
namespace {

const std::vector<std::string> kSavable{"residual-variance", "r-squared", "ar",    "noise",
                                        "ljung-box",         "mean",      "betas", "status",
                                        "residuals",         "predicted", "tsnr"};

ArmaOptions arma_options(const ArmaArguments& a) {
  ArmaOptions o;
  o.search = parse_arma_search(a.search);
  o.grid_level = a.grid;
  o.max_a = a.max_a;
  o.max_b = a.max_b;
  o.negative = a.negative;
  o.white_noise_plus = a.white_noise_plus;
  o.cutoff = a.cutoff;
  if (o.grid_level < 3 || o.grid_level > 7)
    fail(ErrorCode::usage, "--arma-grid is {}; it must be 3 to 7", o.grid_level);
  for (double limit : {o.largest_a(), o.largest_b()})
    if (!(limit >= 0.1 && limit < 1))
      fail(ErrorCode::usage, "the largest ARMA parameter is {}; it must be 0.1 or more and below 1",
           limit);
  if (!(o.cutoff > 0 && o.cutoff <= 0.01))
    fail(ErrorCode::usage, "--arma-cutoff is {}; it must be above 0 and at most 0.01", o.cutoff);
  if (o.negative && o.white_noise_plus)
    fail(ErrorCode::usage,
         "--arma-negative and --arma-white-noise-plus exclude each other: AR(1) plus white noise "
         "has no negative correlations");
  if (!a.fixed.empty()) {
    if (a.fixed.size() != 2 || !(std::abs(a.fixed[0]) < 1) || !(std::abs(a.fixed[1]) < 1))
      fail(ErrorCode::usage, "--arma-fixed takes a and b, both between -1 and 1");
    o.fixed = ArmaParameters{a.fixed[0], a.fixed[1]};
  }
  return o;
}

}  // namespace

FirstLevelOptions parse_options(const FitArguments& a, const GlobalOptions& global) {
  FirstLevelOptions o;
  o.plan.noise_model = parse_noise_model(a.noise_model);
  o.plan.noise_model.arma = arma_options(a.arma);
  o.plan.noise_model.run_starts.assign(a.run_starts.begin(), a.run_starts.end());
  if (!a.run_starts.empty() && o.plan.noise_model.kind != NoiseModel::Kind::arma11)
    fail(ErrorCode::usage,
         "--run-starts is for --noise-model arma11, not {}; give each run as an image of its own "
         "instead",
         to_string(o.plan.noise_model));
  o.plan.noise_model.smoothing_fwhm_mm = a.noise_smoothing_fwhm_mm;
  if (!(a.noise_smoothing_fwhm_mm >= 0))
    fail(ErrorCode::usage, "--noise-smoothing is {} mm; it must be 0 or more",
         a.noise_smoothing_fwhm_mm);
  if (a.noise_smoothing_fwhm_mm > 0 && !o.plan.noise_model.can_smooth())
    fail(ErrorCode::usage,
         "--noise-smoothing is for models whose voxels have parameters of their own "
         "(ar1 and the like, ar1-corrected, auto, arma11, tukey), not for {}; name one with "
         "--noise-model",
         a.noise_model);
  o.plan.noise_model.tukey_lags = a.tukey_lags;
  if (a.tukey_lags != 0 && (a.tukey_lags < 2 || o.plan.noise_model.kind != NoiseModel::Kind::tukey))
    fail(ErrorCode::usage, "--tukey-lags is {}; it must be 2 or more, with --noise-model tukey",
         a.tukey_lags);
  o.plan.with_ljung_box = std::find(a.save.begin(), a.save.end(), "ljung-box") != a.save.end();
  o.plan.scaling = parse_scaling(a.scaling);
  o.plan.fixed_effects = parse_fixed_effects(a.fixed_effects);
  o.map_type = parse_map_type(a.map_type);
  o.plan.n_threads = global.threads();
  if (a.runs_at_once < 0)
    fail(ErrorCode::usage, "--runs-at-once is {}; it must be 0 (as suits the model) or more",
         a.runs_at_once);
  if (a.runs_at_once > 0) o.plan.runs_at_once = a.runs_at_once;
  if (a.smoothing_fwhm_mm.size() == 1)
    o.plan.smoothing_fwhm_mm.setConstant(a.smoothing_fwhm_mm[0]);
  else if (a.smoothing_fwhm_mm.size() == 3)
    o.plan.smoothing_fwhm_mm = Eigen::Vector3d(a.smoothing_fwhm_mm.data());
  else if (!a.smoothing_fwhm_mm.empty())
    fail(ErrorCode::usage, "--smoothing-fwhm has {} numbers; give one, or three for the voxel axes",
         a.smoothing_fwhm_mm.size());
  for (double fwhm : a.smoothing_fwhm_mm)
    if (!(fwhm >= 0))
      fail(ErrorCode::usage, "--smoothing-fwhm is {} mm; it must be 0 or more", fwhm);
  for (const auto& what : a.save)
    if (std::find(kSavable.begin(), kSavable.end(), what) == kSavable.end())
      fail(ErrorCode::usage, "--save does not know '{}'; known: {}", what,
           fmt::join(kSavable, ", "));
  if (!(a.mask_fraction > 0) || a.mask_fraction >= 1)
    fail(ErrorCode::usage, "--mask-fraction is {}; it must lie between 0 and 1", a.mask_fraction);
  return o;
}

void add_fit_options(CLI::App& c, FitArguments& a) {
  c.add_option("--bold", a.bold, "4D images, one per run")->required();
  add_design_options(c, a.design);
  c.add_option("--mask", a.mask,
               "Voxels to analyse: masks (their intersection), auto (the desc-brain_mask beside "
               "each image) or computed from the data (default: auto where all images have one)");
  c.add_option("--mask-fraction", a.mask_fraction,
               "Computed mask: share of the global value a voxel must exceed")
      ->capture_default_str();
  c.add_option("--smoothing-fwhm", a.smoothing_fwhm_mm,
               "Gaussian smoothing before the fit, mm: one number, or three for the voxel axes")
      ->delimiter(',');
  in_any_case(
      c.add_option("--scaling", a.scaling,
                   "none, psc (percent of the voxel's mean) or grand (mean of the mask = 100)"))
      ->capture_default_str();
  in_any_case(
      c.add_option(
          "--noise-model", a.noise_model,
          "ols, arK, arK-corrected, arK-averaged (K 1 .. 5), auto, ar1-nilearn, arma11, spm-ar1, "
          "spm-fast, tukey"))
      ->capture_default_str();
  c.add_option("--noise-smoothing", a.noise_smoothing_fwhm_mm,
               "Smooth the noise parameters over space (arK, arK-corrected, auto, arma11, tukey): "
               "FWHM in mm")
      ->capture_default_str();
  c.add_option("--tukey-lags", a.tukey_lags,
               "Where the Tukey taper ends, scans (default: FILM's int(2 sqrt(scans)) / 2)");
  in_any_case(c.add_option("--arma-search", a.arma.search,
                           "continuous (REML optimum) or afni (3dREMLfit's grid search)"))
      ->capture_default_str();
  c.add_option("--arma-grid", a.arma.grid, "Grid level, 3 to 7, as 3dREMLfit -Grid")
      ->capture_default_str();
  c.add_option("--arma-max-a", a.arma.max_a, "Largest a (default .95; afni .8)");
  c.add_option("--arma-max-b", a.arma.max_b, "Largest b (default .95; afni .8)");
  c.add_option("--arma-cutoff", a.arma.cutoff, "Correlations below it are 0 (afni)")
      ->capture_default_str();
  c.add_option("--arma-fixed", a.arma.fixed, "a and b for every voxel, no search")->expected(2);
  c.add_flag("--arma-negative", a.arma.negative, "Also negative correlations (-NEGcor)");
  c.add_flag("--arma-white-noise-plus", a.arma.white_noise_plus,
             "Only AR(1) plus white noise (-WNplus)");
  c.add_option(
      "--runs-at-once", a.runs_at_once,
      "Runs that are fitted side by side (default, 0: as many as threads, half of that for "
      "averaged models, one for arma11, auto and others that keep the series)");
  c.add_option("--run-starts", a.run_starts,
               "First scans of runs that are in one image after each other (arma11): no "
               "correlation across them");
  in_any_case(c.add_option("--fixed-effects", a.fixed_effects,
                           "Runs combined by precision, equal, or as nilearn"))
      ->capture_default_str();
  c.add_option(
       "--save", a.save,
       "More maps: residual-variance r-squared noise ljung-box mean betas status tsnr, and series: "
       "residuals predicted")
      ->delimiter(',');
  c.add_flag("--log-p", a.log_p, "Also maps of -log10 p (stat-log10p)");
  in_any_case(
      c.add_option("--map-type", a.map_type, "float32 or float64 (p maps are always float64)"))
      ->capture_default_str();
  c.add_flag("--no-estimates", a.no_estimates, "Do not write estimates.h5");
  c.add_option("--prefix", a.prefix,
               "Put before every file name, like sub-01_task-social (default: what the images' "
               "names have in "
               "common, in folders of participant and session)");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

}  // namespace sociometer::cli
