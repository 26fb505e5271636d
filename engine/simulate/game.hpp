#pragma once
#include <string>
#include <vector>

#include "engine/core/random.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// A partner who ranks the participant each time they are chosen.
struct Decider {
  std::string name;  ///< A, B, ..
  int mean_rank = 0, mean_spots = 0;
  bool rank_shown = true;
};

/// One partner of each kind whose ranks are shown, then one of each kind whose ranks are hidden.
std::vector<Decider> make_deciders(const GameSettings& settings);

/// Probability that rank <= spots, by enumeration of both jitters.
double match_probability(const Decider& decider, const GameSettings& settings);

/// What a partner would do in a round.
struct Judgement {
  int rank = 0, spots = 0;
  bool match() const { return rank <= spots; }
};

/// A round before anyone chose: who is offered, what either would do, and the jittered intervals.
struct Offer {
  int left = 0, right = 0;  ///< indices of Deciders
  Judgement from_left, from_right;
  double choice_to_feedback_s = 0, feedback_to_reciprocity_s = 0, between_rounds_s = 0;
};

/// Rounds of all runs: [run][round].
using Schedule = std::vector<std::vector<Offer>>;

/// Draws a schedule.
///
/// Every pair that may be offered comes up equally often, up to one, over all runs: pairs come in
/// shuffled blocks that hold each of them once, a pair never twice in a row (when there are more
/// than two), and its sides alternate from block to block. Ranks are cut to 1 .. n_ranks, spots to
/// 0 .. n_ranks, which changes no match. Intervals are multiples of a millisecond.
/// @param random  positions 0 .. are used.
Schedule make_schedule(const GameSettings& game, const TimingSettings& timing, int n_runs,
                       int n_rounds, const CounterRandom& random);

}  // namespace sociometer
