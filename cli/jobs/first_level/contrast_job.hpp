#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// New contrasts from stored estimates.
struct ContrastRequest {
  std::vector<std::string> estimates;  ///< files or globs; combined within participant
  std::vector<std::string> contrasts, f_contrasts;
  FixedEffects fixed_effects = FixedEffects::precision;
  MapType map_type = MapType::float32;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(ContrastRequest) {
  visit("estimates", self.estimates);
  visit("contrasts", self.contrasts);
  visit("f_contrasts", self.f_contrasts);
  visit("fixed_effects", self.fixed_effects);
  visit("map_type", self.map_type);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// Writes the maps of each contrast for each participant. Contrasts and participants that fail are
/// reported and skipped.
/// @throws Error when nothing can be done.
JobSummary contrast(const ContrastRequest& request, const Session& session);

}  // namespace sociometer::jobs
