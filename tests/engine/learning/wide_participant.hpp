#pragma once
#include "engine/core/random.hpp"
#include "engine/learning/trials.hpp"

namespace sociometer::testing {

/// A participant who chooses at random among 2, 3 or 4 of 4 options with graded outcomes; with
/// `counterfactual`, every second round also shows the feedback of the unchosen options.
inline Participant wide_participant(int n_trials, uint64_t seed, bool counterfactual) {
  const CounterRandom random(seed, 8);
  Participant p{"01", {"A", "B", "C", "D"}, {}};
  for (int i = 0; i < n_trials; ++i) {
    const auto u = [&](int k) { return random.uniform(uint64_t(16 * i + k)); };
    Trial t;
    t.run = i >= n_trials / 2;
    const int first = int(4 * u(0)), n_options = 2 + int(3 * u(1));
    for (int k = 0; k < n_options; ++k) t.options.push_back((first + k) % 4);
    t.chosen = t.options[size_t(n_options * u(2))];
    t.rank = 1 + int(8 * u(3));
    t.outcome = u(4);
    for (int k = 0; counterfactual && i % 2 && k < n_options; ++k)
      t.unchosen.push_back({1 + 7 * u(5 + 2 * k), u(6 + 2 * k)});
    if (u(15) < 0.05) t = {t.run, t.options};
    p.trials.push_back(t);
  }
  return p;
}

}  // namespace sociometer::testing
