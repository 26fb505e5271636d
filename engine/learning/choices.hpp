#pragma once
#include <functional>
#include <vector>

#include "engine/core/random.hpp"
#include "engine/learning/learner.hpp"

namespace sociometer {

/// A round before anyone chose: the options offered, and the feedback that each would bring.
struct Round {
  int run = 0;
  std::vector<int> options = {};        ///< at least two
  std::vector<Feedback> feedback = {};  ///< as many
  bool shows_unchosen = false;          ///< the feedback of the options not chosen is shown as well
};

/// What an option shows: called in the order in which things are shown, once per option shown.
/// @param round  number of the round; place  of the option among those offered.
using ShowFeedback = std::function<Feedback(size_t round, size_t place)>;

/// Choices of a learner: it meets the rounds in their order, chooses by its own probabilities and
/// learns from what it is shown.
/// @param random  round i takes the uniform number at position i.
std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    std::span<const double> p, const CounterRandom& random);

/// The same, with feedback that may depend on what was chosen before; Round::feedback is not read.
std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    const ShowFeedback& show, std::span<const double> p,
                                    const CounterRandom& random);

}  // namespace sociometer
