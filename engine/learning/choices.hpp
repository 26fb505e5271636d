#pragma once
#include <functional>
#include <vector>

#include "engine/core/random.hpp"
#include "engine/learning/learner.hpp"

namespace sociometer {

/// A round before the choice: the options offered, and the feedback each would give.
struct Round {
  int run = 0;
  std::vector<int> options = {};        ///< at least two
  std::vector<Feedback> feedback = {};  ///< one per option
  bool shows_unchosen = false;          ///< feedback of the unchosen options is shown as well
};

/// Feedback of an option, called in the order in which feedback is shown, once per option shown.
/// @param round  index of the round; place  index among the options offered.
using ShowFeedback = std::function<Feedback(size_t round, size_t place)>;

/// Simulates a learner's choices: it goes through the rounds in order, chooses with its own
/// probabilities and learns from the feedback shown.
/// @param random  round i uses the uniform number at position i.
std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    std::span<const double> p, const CounterRandom& random);

/// The same, with feedback that may depend on earlier choices; Round::feedback is ignored.
std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    const ShowFeedback& show, std::span<const double> p,
                                    const CounterRandom& random);

}  // namespace sociometer
