#pragma once
#include "engine/design/events.hpp"
#include "engine/simulate/play.hpp"

namespace sociometer {

/// How well a design separates the two learning signals, for a schedule and a sequence of choices.
struct ScheduleQuality {
  double vif_outcome = 0,
         vif_rank = 0;     ///< variance inflation of the convolved signals, mean over runs
  double correlation = 0;  ///< between them, mean over runs
  double efficiency = 0;   ///< of both effects, 1 / trace(C (X'X)^-1 C'), mean over runs
  double worst_vif() const { return vif_outcome > vif_rank ? vif_outcome : vif_rank; }
};

/// Quality of the designs that result from a game: events, both signals, drift and constant; a run
/// whose signals do not vary has infinite VIF.
/// @param runs  one set of events per run, from events_of_run.
ScheduleQuality schedule_quality(const std::vector<Events>& runs,
                                 const std::vector<Eigen::Index>& n_scans, double tr_s);

/// The same for a game that has been played.
/// @param signals  for all its rounds.
ScheduleQuality quality_of_game(const PlayedGame& game, const SimulationSettings& settings,
                                const std::vector<TrialSignals>& signals);

/// A schedule selected among random ones.
struct ChosenSchedule {
  Schedule schedule;
  int candidate = 0;              ///< its index, from 0
  ScheduleQuality first, chosen;  ///< of the first candidate and of the one selected
};

/// Selects, among `n_candidates` random schedules, the one whose signals have the least variance
/// inflation (smallest worst_vif) for a model participant: the hybrid learner with w = 1/2 and the
/// median of the population's beta, who never misses.
///
/// With one candidate there is no selection, and `first` and `chosen` are the same.
/// @param number  of the participant for whom it is drawn.
/// @cost  one design per run and candidate.
ChosenSchedule choose_schedule(const SimulationSettings& settings, const LearningSettings& learning,
                               int n_runs, int n_rounds, int n_candidates, uint64_t seed,
                               int number);

}  // namespace sociometer
