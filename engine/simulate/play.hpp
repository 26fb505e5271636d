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

/// What happened in a round, and when (s from the first scan).
struct PlayedRound {
  Trial trial;  ///< chosen = -1: no answer in time, no feedback
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

/// A person's whole game.
struct PlayedGame {
  std::vector<PlayedRun> runs;
  /// The same as learners see it.
  Participant participant;
};

/// The learner that simulated people are: the hybrid ideal observer.
std::shared_ptr<const Learner> hybrid_learner(const LearningSettings& learning);

/// Plays a schedule: choices by the hybrid learner with the person's w and beta, response times
/// log-normal and cut to the choice screen, sharing with the person's log odds.
///
/// Times are whole milliseconds. A run ends tail_s after its last round, at a whole scan.
/// @param number  of the person: which random numbers are used.
PlayedGame play(const SimulationSettings& settings, const LearningSettings& learning,
                const std::vector<Decider>& deciders, const Schedule& schedule,
                const Person& person, uint64_t seed, int number);

/// Events of a run as a GLM takes them: choice, feedback and reciprocity, feedback with the values
/// outcome_update and rank_update_unsigned.
/// @param signals  of all rounds of the game, as trial_signals gives them.
Events events_of_run(const PlayedGame& game, size_t run, const TimingSettings& timing,
                     const std::vector<TrialSignals>& signals);

}  // namespace sociometer
