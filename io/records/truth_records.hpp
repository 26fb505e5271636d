#pragma once
#include <string>

#include "engine/learning/settings.hpp"
#include "engine/simulate/schedule_search.hpp"
#include "engine/simulate/settings.hpp"
#include "io/records/record_fields.hpp"

/// What `simulate` writes of the truth: what the writer fills and readers return. The dictionaries
/// of its tables (truth-parameters, truth-regions, truth-signals) are read by read_dictionary.
namespace sociometer {

/// All settings of a simulated study, those of the learning models among them.
struct TruthSettings {
  SimulationSettings simulation;
  LearningSettings learning;
  static Json to_json(const TruthSettings& settings);
  static TruthSettings from_json(const Json& json, const RecordPlace& place);
};

/// derivatives/truth/settings.json.
struct TruthRecord {
  static constexpr RecordKind kKind = RecordKind::truth;
  int participants = 0, runs = 0, trials = 0;
  uint64_t seed = 0;
  std::string grid;
  int candidates = 1;  ///< schedules to choose from
  TruthSettings settings;
};
SOCIOMETER_RECORD(TruthRecord) {
  visit("Participants", self.participants);
  visit("Runs", self.runs);
  visit("Trials", self.trials);
  visit("Seed", self.seed);
  visit("Grid", self.grid);
  visit("ScheduleCandidates", self.candidates);
  visit("Settings", self.settings);
}

/// Infinite variance inflation, where a signal did not vary, is null in JSON and NaN when read.
SOCIOMETER_RECORD(ScheduleQuality) {
  visit("VifOutcomeUpdate", self.vif_outcome);
  visit("VifRankUpdateUnsigned", self.vif_rank);
  visit("Correlation", self.correlation);
  visit("Efficiency", self.efficiency);
}

/// The schedule of a participant: the first candidate, the one chosen, and that as it was played.
struct TruthSchedule {
  int candidate = 0;
  ScheduleQuality first, chosen, played;
};
SOCIOMETER_RECORD(TruthSchedule) {
  visit("Candidate", self.candidate);
  visit("FirstCandidate", self.first);
  visit("Chosen", self.chosen);
  visit("AsPlayed", self.played);
}

/// derivatives/truth/schedules.json.
struct TruthSchedules {
  static constexpr RecordKind kKind = RecordKind::truth_schedules;
  int candidates = 1;
  std::string criterion, efficiency;
  ByName<TruthSchedule> participants;  ///< "sub-01"
};
SOCIOMETER_RECORD(TruthSchedules) {
  visit("Candidates", self.candidates);
  visit("Criterion", self.criterion);
  visit("Efficiency", self.efficiency);
  visit("Participants", self.participants);
}

}  // namespace sociometer
