#pragma once
#include <string>
#include <vector>

#include "engine/learning/signals.hpp"
#include "engine/learning/trials.hpp"
#include "engine/stats/mean_interval.hpp"

namespace sociometer {

/// What people chose of a partner and believed about it.
struct PartnerCurves {
  std::string partner;
  double mean_rank = kMissing;  ///< shown over all people; missing if it never was
  double match_rate = kMissing;
  MeanOverPeople choice_share;         ///< chosen / offered, over all rounds
  std::vector<double> person_shares;   ///< per person; missing if the partner was never offered
  std::vector<MeanOverPeople> chosen;  ///< chosen / offered, per block
  /// Believed mean rank and probability of a match at the end of each block, of people who have
  /// had feedback of this partner by then.
  std::vector<MeanOverPeople> rank_belief, outcome_belief;
};

/// Choices and beliefs over the course of a study.
struct LearningCurves {
  int n_people = 0, n_blocks = 0;
  double level = 0.95;                  ///< of the intervals
  std::vector<PartnerCurves> partners;  ///< by name
  /// Share of rounds in which the better of two partners was chosen, per block; better by mean
  /// outcome, by mean rank over all that the partner showed to everybody. Rounds with equal
  /// partners, or others than two, do not count (as in check_predictions). Empty without ranks.
  std::vector<MeanOverPeople> better_by_outcome, better_by_rank;
};

/// Curves of people whose beliefs are known.
///
/// Blocks are equal shares of each person's own rounds. Every person counts alike, however many
/// rounds of a kind they had: figures are means over people of the person's own shares.
/// @param people   the options are matched by name: people may have met the partners in any order.
/// @param signals  per person and round, as trial_signals gives them; beliefs may be missing.
/// @throws Error{shape_mismatch} when rounds and signals differ in number, Error{bad_input} without
///         people or blocks.
LearningCurves learning_curves(const std::vector<Participant>& people,
                               const std::vector<std::vector<TrialSignals>>& signals, int n_blocks,
                               double level = 0.95);

}  // namespace sociometer
