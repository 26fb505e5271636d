#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/run_analysis.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// Maps and series written only on request.
enum class SavedMap {
  residual_variance,
  r_squared,
  ar,  ///< former name of `noise`
  noise,
  ljung_box,
  mean,
  betas,
  status,
  residuals,
  predicted,
  tsnr
};
constexpr std::array<Name<SavedMap>, 11> names_of(std::type_identity<SavedMap>) {
  return {{{SavedMap::residual_variance, "residual-variance"},
           {SavedMap::r_squared, "r-squared"},
           {SavedMap::ar, "ar"},
           {SavedMap::noise, "noise"},
           {SavedMap::ljung_box, "ljung-box"},
           {SavedMap::mean, "mean"},
           {SavedMap::betas, "betas"},
           {SavedMap::status, "status"},
           {SavedMap::residuals, "residuals"},
           {SavedMap::predicted, "predicted"},
           {SavedMap::tsnr, "tsnr"}}};
}

/// A noise model is written as its name and its parameters.
template <>
struct FieldOf<NoiseModel> {
  static Json write(const NoiseModel& model);
  static void read(const Json& json, NoiseModel& model, const std::string& where);
};

/// A first-level analysis: from the runs of one participant to contrast maps.
struct FitRequest {
  std::vector<std::string> bold;  ///< 4D images, one per run
  std::vector<std::string> mask;  ///< files, "auto" or "computed"; none: found, else computed
  double mask_fraction = 0.5;     ///< of SPM's global value, for a computed mask
  DesignRequest design;
  std::vector<double> smoothing_fwhm_mm;  ///< none, one, or one per voxel axis
  Scaling scaling = Scaling::none;
  NoiseModel noise_model = default_noise_model();
  FixedEffects fixed_effects = FixedEffects::precision;
  int runs_at_once = 0;  ///< 0: chosen for the noise model
  std::vector<SavedMap> save;
  bool log_p = false, estimates = true;
  MapType map_type = MapType::float32;
  std::string output, prefix;  ///< default prefix: the common part of the images' names

  bool saves(SavedMap map) const;
};
SOCIOMETER_FIELDS(FitRequest) {
  visit("bold", self.bold);
  visit("mask", self.mask);
  visit("mask_fraction", self.mask_fraction);
  visit("design", self.design);
  visit("smoothing_fwhm_mm", self.smoothing_fwhm_mm);
  visit("scaling", self.scaling);
  visit("noise_model", self.noise_model);
  visit("fixed_effects", self.fixed_effects);
  visit("runs_at_once", self.runs_at_once);
  visit("save", self.save);
  visit("log_p", self.log_p);
  visit("estimates", self.estimates);
  visit("map_type", self.map_type);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// Rejects values that are out of range or contradictory, before files are read.
/// @throws Error{usage}
void check(const NoiseModel& model);
void check(const FitRequest& request);

/// The engine's plan for this request.
FirstLevelPlan plan_of(const FitRequest& request, int n_threads);

}  // namespace sociometer::jobs
