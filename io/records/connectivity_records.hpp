#pragma once
#include <string>
#include <vector>

#include "io/records/record_of.hpp"

/// Records of `beta-series`: what its tables say of themselves. Those of `ppi` are designs.
namespace sociometer {

/// Correlations over trials, and their tests over participants.
struct BetaSeriesFacts {
  std::string seed, conditions;  ///< columns; "all trials" without conditions
  size_t trials = 0, without_match = 0, without_participant = 0, without_condition = 0;
  std::string centred;  ///< within what
  std::vector<InputFile> inputs;
  bool operator==(const BetaSeriesFacts&) const = default;
};
SOCIOMETER_RECORD(BetaSeriesFacts) {
  visit("Seed", self.seed);
  visit("Conditions", self.conditions);
  visit("NumberOfTrials", self.trials);
  visit("TrialsWithoutMatch", self.without_match);
  visit("TrialsWithoutParticipant", self.without_participant);
  visit("TrialsWithoutCondition", self.without_condition);
  visit("AmplitudesCentred", self.centred);
  visit("Inputs", self.inputs);
}
using BetaSeriesRecord = RecordOf<RecordKind::beta_series, BetaSeriesFacts>;
using BetaSeriesTestsRecord = RecordOf<RecordKind::beta_series_tests, BetaSeriesFacts>;

}  // namespace sociometer
