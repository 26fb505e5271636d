#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/regions/region_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/roi/region_values.hpp"

namespace sociometer::jobs {

/// A first level on regions: their series are averaged first, then fitted like voxels.
struct RegionFitRequest {
  std::vector<std::string> bold;  ///< 4D images of one participant, one per run
  RegionRequest regions;
  DesignRequest design;
  /// What stands for a region in a scan.
  RegionStatistic summary = RegionStatistic::mean;
  NoiseModel noise_model = default_series_noise_model();
  Scaling scaling = FirstLevelPlan{}.scaling;
  FixedEffects fixed_effects = FirstLevelPlan{}.fixed_effects;
  std::string participant, session;  ///< labels for the table; empty: from the first image's name
  bool include_zeros = false;
  double min_coverage = 0.8;  ///< lower coverage gives a warning
  std::string output, prefix;
};
SOCIOMETER_FIELDS(RegionFitRequest) {
  visit("bold", self.bold);
  visit("regions", self.regions);
  visit("design", self.design);
  visit("summary", self.summary);
  visit("noise_model", self.noise_model);
  visit("scaling", self.scaling);
  visit("fixed_effects", self.fixed_effects);
  visit("participant", self.participant);
  visit("session", self.session);
  visit("include_zeros", self.include_zeros);
  visit("min_coverage", self.min_coverage);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const RegionFitRequest& request);

/// Writes the table of region values. Regions that cannot be fitted are reported.
/// @throws Error for an unusable request or unusable files; nothing is written then.
JobSummary region_fit(const RegionFitRequest& request, const Session& session);

}  // namespace sociometer::jobs
