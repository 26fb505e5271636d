#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/regions/region_request.hpp"
#include "engine/design/single_trials.hpp"
#include "engine/glm/fractional_ridge.hpp"
#include "engine/glm/hrf_choice.hpp"
#include "engine/glm/saved_map.hpp"

namespace sociometer::jobs {

template <>
struct FieldOf<Shrinkage> {
  static Json write(const Shrinkage& shrinkage) { return to_string(shrinkage); }
  static void read(const Json& json, Shrinkage& shrinkage, const std::string& where);
};

/// Amplitudes of the single trials of one participant's runs.
struct TrialsRequest {
  TrialsRequest() { fit.noise_model = default_series_noise_model(); }

  FitRequest fit;  ///< runs, design, mask, noise model, output; without contrasts and `save`
  TrialMethod method = TrialOptions{}.method;
  TrialOthers others = TrialOptions{}.others;
  TrialAmplitude amplitude = TrialOptions{}.amplitude;
  std::vector<std::string> types;  ///< conditions to split; none: all
  Shrinkage shrinkage;
  std::string shrinkage_labels;         ///< column whose values are alike over runs; trial_type
  std::vector<std::string> average_by;  ///< columns of the events
  TrialImages images = TrialImages::nifti;
  bool variance = false;
  std::optional<HrfChoice> hrf_choice;  ///< --hrf library: the model that chooses; all events
  std::string hrf_map;                  ///< --hrf library: each voxel's response, not chosen
  /// --hrf library: seconds of the event whose response is the unit; the trials' median
  std::optional<double> unit_duration_s;
  RegionRequest regions;

  bool wants_regions() const { return !regions.rois.empty() || regions.atlas.given(); }
  bool writes_nifti() const { return images == TrialImages::nifti || images == TrialImages::both; }
  bool writes_hdf5() const { return images == TrialImages::hdf5 || images == TrialImages::both; }
  /// Whether each voxel has a response of its own.
  bool has_library() const { return fit.design.hrf && chooses_shape(*fit.design.hrf); }
  TrialOptions options() const { return {method, others, amplitude, types}; }
};
SOCIOMETER_FIELDS(TrialsRequest) {
  visit("fit", self.fit);
  visit("method", self.method);
  visit("others", self.others);
  visit("amplitude", self.amplitude);
  visit("types", self.types);
  visit("shrinkage", self.shrinkage);
  visit("shrinkage_labels", self.shrinkage_labels);
  visit("average_by", self.average_by);
  visit("images", self.images);
  visit("variance", self.variance);
  visit("hrf_choice", self.hrf_choice);
  visit("hrf_map", self.hrf_map);
  visit("unit_duration_s", self.unit_duration_s);
  visit("regions", self.regions);
}

/// @throws Error{usage}
void check(const TrialsRequest& request);

}  // namespace sociometer::jobs
