#pragma once
#include "engine/core/random.hpp"
#include "engine/learning/trials.hpp"

namespace sociometer::testing {

/// A participant who chooses at random among 4 options; some ranks are hidden, some feedback and
/// some responses are missing.
inline Participant random_participant(int n_trials, uint64_t seed, bool with_gaps = true) {
  const CounterRandom random(seed, 7);
  Participant p{"01", {"A", "B", "C", "D"}, {}};
  for (int i = 0; i < n_trials; ++i) {
    const auto u = [&](int k) { return random.uniform(uint64_t(8 * i + k)); };
    Trial t;
    t.run = i >= n_trials / 2;
    const int left = int(4 * u(0));
    t.options = {left, (left + 1 + int(3 * u(1))) % 4};
    t.chosen = t.options[u(2) < 0.5 ? 0 : 1];
    t.rank = 1 + int(8 * u(3));
    t.outcome = u(4) < 0.3 + 0.15 * t.chosen;
    if (with_gaps && u(5) < 0.3) t.rank = kMissing;
    if (with_gaps && u(6) < 0.1) t.rank = t.outcome = kMissing;
    if (with_gaps && u(7) < 0.05) {
      t.chosen = -1;
      t.rank = t.outcome = kMissing;
    }
    p.trials.push_back(t);
  }
  return p;
}

}  // namespace sociometer::testing
