#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// What an option shows after a choice.
struct Feedback {
  double rank = kMissing;     ///< 1 is best; missing when hidden
  double outcome = kMissing;  ///< 0 (nothing) to 1 (a match); missing without feedback
};

/// One round: two or more options were offered, one was chosen, and feedback followed.
struct Trial {
  int run = 0;                    ///< beliefs carry over from run to run
  std::vector<int> options = {};  ///< offered, at least two, indices into Participant::options
  int chosen = -1;                ///< one of them; -1: no response, nothing is learned
  double rank = kMissing;         ///< feedback of the chosen option, see Feedback
  double outcome = kMissing;
  /// Counterfactual feedback: what the options not chosen would have brought, when that was shown.
  /// Empty, or one per option in the order of `options` (that of the chosen one is not read).
  std::vector<Feedback> unchosen = {};

  bool offers(int option) const {
    return std::find(options.begin(), options.end(), option) != options.end();
  }
};

/// Calls learn(option, feedback) for what a round showed: first of the chosen option, then, when
/// counterfactual feedback is learned from, of the others in the order offered.
template <class Learn>
void for_each_feedback(const Trial& trial, bool counterfactual, Learn learn) {
  learn(trial.chosen, Feedback{trial.rank, trial.outcome});
  if (!counterfactual) return;
  for (size_t i = 0; i < trial.unchosen.size(); ++i)
    if (trial.options[i] != trial.chosen) learn(trial.options[i], trial.unchosen[i]);
}

/// Everything that one person chose and saw, in the order in which it happened.
struct Participant {
  std::string label;                 ///< without "sub-"
  std::vector<std::string> options;  ///< partners' names
  std::vector<Trial> trials;
};

/// Log likelihood of choosing each offered option alike, nats.
double chance_log_likelihood(const Participant& participant);

}  // namespace sociometer
