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

/// One partner of each kind with visible ranks, then one of each kind with hidden ranks.
std::vector<Decider> make_deciders(const GameSettings& settings);

/// Probability that rank <= spots, by enumerating both jitters.
double match_probability(const Decider& decider, const GameSettings& settings);

/// A partner's judgement in a round.
struct Judgement {
  int rank = 0, spots = 0;
  bool match() const { return rank <= spots; }
};

/// A round before the choice: the partners offered, their judgements, and the jittered intervals.
struct Offer {
  int left = 0, right = 0;  ///< indices into the Deciders
  Judgement from_left, from_right;
  double choice_to_feedback_s = 0, feedback_to_reciprocity_s = 0, between_rounds_s = 0;
};

/// Rounds of all runs: [run][round].
using Schedule = std::vector<std::vector<Offer>>;

/// Draws a schedule.
///
/// All admissible pairs are offered equally often, up to one, over all runs: pairs come in shuffled
/// blocks that contain each pair once, never the same pair twice in a row (if there are more than
/// two), and the sides of a pair alternate between blocks. Ranks are clipped to 1 .. n_ranks, spots
/// to 0 .. n_ranks, which does not change any match. Intervals are multiples of a millisecond.
/// @param random  positions from 0 on are used.
Schedule make_schedule(const GameSettings& game, const TimingSettings& timing, int n_runs,
                       int n_rounds, const CounterRandom& random);

}  // namespace sociometer
