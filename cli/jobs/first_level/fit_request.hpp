#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/run_analysis.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// Maps and series that are written only where they are asked for.
enum class SavedMap {
  residual_variance,
  r_squared,
  ar,  ///< the name that `noise` had
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

/// A noise model is written with its name and what belongs to it.
template <>
struct FieldOf<NoiseModel> {
  static Json write(const NoiseModel& model);
  static void read(const Json& json, NoiseModel& model, const std::string& where);
};

/// A first level: the runs of one participant to contrast maps.
struct FitRequest {
  std::vector<std::string> bold;  ///< 4D images, one per run
  std::vector<std::string> mask;  ///< files; or "auto", or "computed"; none: found, else computed
  double mask_fraction = 0.5;     ///< of SPM's global value, for a computed mask
  DesignRequest design;
  std::vector<double> smoothing_fwhm_mm;  ///< none, one, or one per voxel axis
  Scaling scaling = Scaling::none;
  NoiseModel noise_model = default_noise_model();
  FixedEffects fixed_effects = FixedEffects::precision;
  int runs_at_once = 0;  ///< 0: as suits the noise model
  std::vector<SavedMap> save;
  bool log_p = false, estimates = true;
  MapType map_type = MapType::float32;
  std::string output, prefix;  ///< without a prefix: what the images' names have in common

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

/// Refuses what is out of range or contradicts itself, before files are read.
/// @throws Error{usage}
void check(const NoiseModel& model);
void check(const FitRequest& request);

/// The engine's plan for it.
FirstLevelPlan plan_of(const FitRequest& request, int n_threads);

}  // namespace sociometer::jobs
