#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "engine/learning/choices.hpp"

namespace sociometer::testing {

inline std::vector<std::string> game_options() {
  return {"D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"};
}

/// The study's game in its inferred default form: 8 partners, mean rank 3 or 7 crossed with
/// P(match) 1/3 or 8/9, the last 4 with hidden ranks; rank and spots jittered by -1, 0 or 1; a
/// match if the rank makes the cut.
inline std::vector<Round> game_rounds(int n_runs, int n_per_run, uint64_t seed) {
  static constexpr int kRank[] = {3, 3, 7, 7}, kSpots[] = {2, 4, 6, 8};
  const CounterRandom random(seed, 99);
  uint64_t at = 0;
  const auto jitter = [&] { return int(3 * random.uniform(at++)) - 1; };
  const auto feedback = [&](int option) {
    const int rank = kRank[option % 4] + jitter(), spots = kSpots[option % 4] + jitter();
    return Feedback{option < 4 ? double(rank) : kMissing, double(rank <= spots)};
  };
  std::vector<Round> rounds;
  for (int i = 0; i < n_runs * n_per_run; ++i) {
    Round round;
    round.run = i / n_per_run;
    const int left = int(8 * random.uniform(at++));
    const int right = (left + 1 + int(7 * random.uniform(at++))) % 8;
    round.options = {left, right};
    round.feedback = {feedback(left)};
    round.feedback.push_back(feedback(right));
    rounds.push_back(round);
  }
  return rounds;
}

/// A participant who plays the game according to a model.
inline Participant game_participant(const std::string& label, const std::string& model,
                                    const std::vector<double>& p, uint64_t seed, int n_runs = 2,
                                    int n_per_run = 60) {
  Participant out{label, game_options(), {}};
  out.trials = simulate_choices(*make_learner(model, {}), {}, 8,
                                game_rounds(n_runs, n_per_run, seed), p, CounterRandom(seed, 5));
  return out;
}

}  // namespace sociometer::testing
