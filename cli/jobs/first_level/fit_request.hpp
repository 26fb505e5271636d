#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/mask_source.hpp"
#include "engine/glm/run_analysis.hpp"
#include "engine/glm/saved_map.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// A mask is written as a list of its files, or of the word "auto" or "computed".
template <>
struct FieldOf<MaskSource> {
  static Json write(const MaskSource& mask) { return to_words(mask); }
  static void read(const Json& json, MaskSource& mask, const std::string& where);
};

/// A noise model is written as its name and its parameters.
template <>
struct FieldOf<NoiseModel> {
  static Json write(const NoiseModel& model);
  static void read(const Json& json, NoiseModel& model, const std::string& where);
};

/// A first-level analysis: from the runs of one participant to contrast maps.
struct FitRequest {
  std::vector<std::string> bold;  ///< 4D images, one per run
  MaskSource mask;
  double mask_fraction = 0.5;  ///< of SPM's global value, for a computed mask
  DesignRequest design;
  std::vector<double> smoothing_fwhm_mm;  ///< none, one, or one per voxel axis
  Scaling scaling = FirstLevelPlan{}.scaling;
  NoiseModel noise_model = FirstLevelPlan{}.noise_model;
  FixedEffects fixed_effects = FirstLevelPlan{}.fixed_effects;
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
/// @throws Error{usage} unless these are none, one or three widths of at least 0 mm.
void check_smoothing(const std::vector<double>& fwhm_mm);

/// The engine's plan for this request.
FirstLevelPlan plan_of(const FitRequest& request, int n_threads);

}  // namespace sociometer::jobs
