#pragma once
#include <cstdint>
#include <string>

#include "cli/jobs/request_json.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/study.hpp"

namespace sociometer::jobs {

/// A whole study with known truth.
struct SimulateRequest {
  std::string folder;  ///< new or empty
  std::string
      settings;  ///< JSON file of game, timing, participants, brains, noise; empty: defaults
  int participants = StudyPlan{}.n_participants, runs = StudyPlan{}.n_runs,
      trials = StudyPlan{}.n_rounds;                   ///< trials of each run
  int schedule_candidates = StudyPlan{}.n_candidates;  ///< schedules from which the best is chosen
  uint64_t seed = 1;
  SimulationGrid grid = StudyPlan{}.grid;
};
SOCIOMETER_FIELDS(SimulateRequest) {
  visit("folder", self.folder);
  visit("settings", self.settings);
  visit("participants", self.participants);
  visit("runs", self.runs);
  visit("trials", self.trials);
  visit("schedule_candidates", self.schedule_candidates);
  visit("seed", self.seed);
  visit("grid", self.grid);
}

inline constexpr int kMostSimulatedPeople = 100000, kMostSimulatedRuns = 100,
                     kMostSimulatedTrials = 10000, kMostScheduleCandidates = 1000000;

/// @throws Error{usage} for a value out of range, or no folder.
void check(const SimulateRequest& request);

}  // namespace sociometer::jobs
