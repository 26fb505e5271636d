#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/run_analysis.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// New contrasts from stored estimates.
struct ContrastRequest {
  std::vector<std::string> estimates;  ///< files or globs; combined within participant
  std::vector<std::string> contrasts, f_contrasts;
  FixedEffects fixed_effects = FirstLevelPlan{}.fixed_effects;
  /// How the runs of each file of estimates are combined before the files are, by `fixed_effects`;
  /// nothing: all runs at once. For t contrasts.
  std::optional<FixedEffects> within;
  std::vector<double> weights;  ///< per file of estimates, of a difference of sessions; with within
  MapType map_type = MapType::float32;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(ContrastRequest) {
  visit("estimates", self.estimates);
  visit("contrasts", self.contrasts);
  visit("f_contrasts", self.f_contrasts);
  visit("fixed_effects", self.fixed_effects);
  visit("within", self.within);
  visit("weights", self.weights);
  visit("map_type", self.map_type);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const ContrastRequest& request);

/// Writes the maps of each contrast for each participant. Contrasts and participants that fail are
/// reported and skipped.
/// @throws Error when nothing can be done.
JobSummary contrast(const ContrastRequest& request, const Session& session);

}  // namespace sociometer::jobs
