#pragma once
#include <vector>

#include "engine/core/random.hpp"
#include "engine/learning/learner.hpp"

namespace sociometer {

/// What an option would show in a round, had it been chosen.
struct Feedback {
  double rank = kMissing, outcome = kMissing;
};

/// A round before anyone chose: the pair, and the feedback that either would bring.
struct Round {
  int run = 0;
  int left = 0, right = 1;
  Feedback if_left, if_right;
};

/// Choices of a learner: it meets the rounds in their order, chooses by its own probabilities and
/// learns from what it is shown.
/// @param random  round i takes the uniform number at position i.
std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    std::span<const double> p, const CounterRandom& random);

}  // namespace sociometer
