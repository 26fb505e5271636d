#include "cli/jobs/first_level/fit_request.hpp"

#include <algorithm>
#include <cmath>

#include "cli/jobs/given.hpp"
#include "engine/core/error.hpp"
#include "engine/glm/noise_properties.hpp"

namespace sociometer {

SOCIOMETER_FIELDS(ArmaParameters) {
  visit("a", self.a);
  visit("b", self.b);
}
SOCIOMETER_FIELDS(ArmaOptions) {
  visit("search", self.search);
  visit("grid_level", self.grid_level);
  visit("max_a", self.max_a);
  visit("max_b", self.max_b);
  visit("negative", self.negative);
  visit("white_noise_plus", self.white_noise_plus);
  visit("cutoff", self.cutoff);
  visit("fixed", self.fixed);
}

namespace jobs {
namespace {

/// The parameters of a noise model besides its name.
struct NoiseFields {
  std::string name;
  ArmaOptions arma;
  std::vector<Eigen::Index> run_starts;
  Eigen::Index tukey_lags = 0;
  double smoothing_fwhm_mm = 0;
};
SOCIOMETER_FIELDS(NoiseFields) {
  visit("name", self.name);
  visit("arma", self.arma);
  visit("run_starts", self.run_starts);
  visit("tukey_lags", self.tukey_lags);
  visit("smoothing_fwhm_mm", self.smoothing_fwhm_mm);
}

void check(const ArmaOptions& o) {
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
  if (o.fixed && !(std::abs(o.fixed->a) < 1 && std::abs(o.fixed->b) < 1))
    fail(ErrorCode::usage, "--arma-fixed takes a and b, both between -1 and 1");
}

}  // namespace

Json FieldOf<NoiseModel>::write(const NoiseModel& model) {
  return to_json(NoiseFields{to_string(model), model.arma, model.run_starts, model.tukey_lags,
                             model.smoothing_fwhm_mm});
}

void FieldOf<MaskSource>::read(const Json& json, MaskSource& mask, const std::string& where) {
  std::vector<std::string> words;
  field_from_json(json, words, where);
  mask = parsed_in(where, [&] { return parse_mask_source(words); });
}

void FieldOf<NoiseModel>::read(const Json& json, NoiseModel& model, const std::string& where) {
  const auto fields = from_json<NoiseFields>(json, where);
  if (!fields.name.empty())
    model = parsed_in(where, [&] { return parse_noise_model(fields.name); });
  model.arma = fields.arma;
  model.run_starts = fields.run_starts;
  model.tukey_lags = fields.tukey_lags;
  model.smoothing_fwhm_mm = fields.smoothing_fwhm_mm;
}

bool FitRequest::saves(SavedMap map) const {
  return std::find(save.begin(), save.end(), map) != save.end();
}

void check(const NoiseModel& model) {
  check(model.arma);
  if (!model.run_starts.empty() && !separates_runs(model))
    fail(ErrorCode::usage,
         "--run-starts is for --noise-model arma11, not {}; give each run as an image of its own "
         "instead",
         to_string(model));
  if (!(model.smoothing_fwhm_mm >= 0))
    fail(ErrorCode::usage, "--noise-smoothing is {} mm; it must be 0 or more",
         model.smoothing_fwhm_mm);
  if (model.smoothing_fwhm_mm > 0 && !model.can_smooth())
    fail(ErrorCode::usage,
         "--noise-smoothing is for models whose voxels have parameters of their own "
         "(ar1 and the like, ar1-corrected, auto, arma11, tukey), not for {}; name one with "
         "--noise-model",
         to_string(model));
  if (model.tukey_lags != 0 && !tapers(model))
    fail(ErrorCode::usage, "--tukey-lags is for --noise-model tukey, not for {}", to_string(model));
  if (model.tukey_lags != 0 && model.tukey_lags < 2)
    fail(ErrorCode::usage, "--tukey-lags is {}; it must be 2 or more", model.tukey_lags);
}

void check_smoothing(const std::vector<double>& fwhm_mm) {
  const size_t n = fwhm_mm.size();
  if (n != 0 && n != 1 && n != 3)
    fail(ErrorCode::usage, "--smoothing-fwhm has {} numbers; give one, or three for the voxel axes",
         n);
  for (double fwhm : fwhm_mm)
    if (!(fwhm >= 0))
      fail(ErrorCode::usage, "--smoothing-fwhm is {} mm; it must be 0 or more", fwhm);
}

void check(const FitRequest& a) {
  require_given(!a.bold.empty(), "--bold");
  check(a.noise_model);
  if (a.runs_at_once < 0)
    fail(ErrorCode::usage, "--runs-at-once is {}; it must be 0 (as suits the model) or more",
         a.runs_at_once);
  check_smoothing(a.smoothing_fwhm_mm);
  if (a.saves(SavedMap::ar) && !has_one_process(a.noise_model))
    fail(ErrorCode::usage,
         "--save ar: a voxel of {} has no coefficients of its own; --save noise writes the "
         "probabilities of its processes, and estimates.h5 has their coefficients",
         to_string(a.noise_model));
  if (!(a.mask_fraction > 0) || a.mask_fraction >= 1)
    fail(ErrorCode::usage, "--mask-fraction is {}; it must lie between 0 and 1", a.mask_fraction);
}

FirstLevelPlan plan_of(const FitRequest& a, int n_threads) {
  FirstLevelPlan plan;
  plan.noise_model = a.noise_model;
  plan.scaling = a.scaling;
  plan.fixed_effects = a.fixed_effects;
  plan.with_ljung_box = a.saves(SavedMap::ljung_box);
  if (a.smoothing_fwhm_mm.size() == 1) plan.smoothing_fwhm_mm.setConstant(a.smoothing_fwhm_mm[0]);
  if (a.smoothing_fwhm_mm.size() == 3)
    plan.smoothing_fwhm_mm = Eigen::Vector3d(a.smoothing_fwhm_mm.data());
  if (a.runs_at_once > 0) plan.runs_at_once = a.runs_at_once;
  plan.n_threads = n_threads;
  return plan;
}

}  // namespace jobs
}  // namespace sociometer
