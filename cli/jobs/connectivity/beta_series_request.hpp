#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"

namespace sociometer::jobs {

/// Correlations over trials of a seed's amplitudes with those of other regions.
struct BetaSeriesRequest {
  std::vector<std::string> tables;         ///< a row per trial, a column per region
  std::vector<std::string> join, join_by;  ///< tables with the conditions of the trials
  std::string seed;
  std::vector<std::string> regions;
  std::string by;  ///< column of the conditions; empty: all trials together
  std::string participant = "participant_id";
  std::string output, prefix;
};
SOCIOMETER_FIELDS(BetaSeriesRequest) {
  visit("tables", self.tables);
  visit("join", self.join);
  visit("join_by", self.join_by);
  visit("seed", self.seed);
  visit("regions", self.regions);
  visit("by", self.by);
  visit("participant", self.participant);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const BetaSeriesRequest& request);

}  // namespace sociometer::jobs
