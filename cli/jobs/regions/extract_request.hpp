#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "cli/jobs/regions/region_request.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/run_analysis.hpp"
#include "engine/roi/region_values.hpp"

namespace sociometer::jobs {

/// Region values from one of: maps, first-level estimates, series.
struct ExtractRequest {
  std::vector<std::string> maps;       ///< named sub-LABEL_[ses-LABEL_]contrast-LABEL_..
  std::vector<std::string> estimates;  ///< estimates.h5 of participants
  std::vector<std::string> series;     ///< 4D images: time courses instead of values
  RegionRequest regions;
  std::vector<std::string> contrasts;                           ///< with estimates: NAME=EXPRESSION
  FixedEffects fixed_effects = FirstLevelPlan{}.fixed_effects;  ///< with estimates
  std::vector<RegionStatistic> statistics{RegionStatistic::mean};
  std::vector<std::string> masks;  ///< one for all maps, or one per participant
  bool include_zeros = false;      ///< without masks: zeros are values
  double min_coverage = 0.8;       ///< lower coverage gives a warning
  /// Percent signal change: the height of the event's response, or the event's duration in seconds.
  std::optional<double> event_height, event_duration_s;
  HrfModel hrf;  ///< of the fit; for the height of an event
  std::optional<double> tr_s;
  std::vector<std::string> mean_maps;  ///< mean signal of each participant, to go with maps
  std::string output, prefix;

  bool wants(RegionStatistic statistic) const;
};
SOCIOMETER_FIELDS(ExtractRequest) {
  visit("maps", self.maps);
  visit("estimates", self.estimates);
  visit("series", self.series);
  visit("regions", self.regions);
  visit("contrasts", self.contrasts);
  visit("fixed_effects", self.fixed_effects);
  visit("statistics", self.statistics);
  visit("masks", self.masks);
  visit("include_zeros", self.include_zeros);
  visit("min_coverage", self.min_coverage);
  visit("event_height", self.event_height);
  visit("event_duration_s", self.event_duration_s);
  visit("hrf", self.hrf);
  visit("tr_s", self.tr_s);
  visit("mean_maps", self.mean_maps);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const ExtractRequest& request);

}  // namespace sociometer::jobs
