#pragma once
#include <memory>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/events.hpp"
#include "engine/learning/learner.hpp"
#include "engine/learning/signals.hpp"
#include "engine/simulate/game.hpp"
#include "engine/simulate/population.hpp"

namespace sociometer {

/// Events of a round, and their times (s from the first scan).
struct PlayedRound {
  Trial trial;  ///< chosen = -1: no response in time, no feedback
  int spots = 0;
  bool rank_shown = false;
  int shared = -1;  ///< after a match 1 or 0; else -1
  double choice_s = 0, feedback_s = 0, reciprocity_s = 0;
  double response_time_s = kMissing;
};

struct PlayedRun {
  std::vector<PlayedRound> rounds;
  Eigen::Index n_scans = 0;
};

/// All runs of one participant.
struct PlayedGame {
  std::vector<PlayedRun> runs;
  /// The same as seen by a learner.
  Participant participant;
};

/// The learner of simulated participants: the hybrid ideal observer.
std::shared_ptr<const Learner> hybrid_learner(const LearningSettings& learning);

/// Plays a schedule: choices by the hybrid learner with the participant's w and beta, response
/// times log-normal and clipped to the choice screen, sharing with the participant's log odds.
///
/// Times are whole milliseconds. A run ends tail_s after its last round, rounded to a whole scan.
/// @param number  of the participant: selects the random streams.
PlayedGame play(const SimulationSettings& settings, const LearningSettings& learning,
                const std::vector<Decider>& deciders, const Schedule& schedule,
                const Person& person, uint64_t seed, int number);

/// Events of a run for a GLM: choice, feedback and reciprocity; feedback with the values
/// outcome_update and rank_update_unsigned.
/// @param signals  for all rounds of the game, from trial_signals.
Events events_of_run(const PlayedGame& game, size_t run, const TimingSettings& timing,
                     const std::vector<TrialSignals>& signals);

}  // namespace sociometer
