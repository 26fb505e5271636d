#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// The feedback of an option after a choice.
struct Feedback {
  double rank = kMissing;     ///< 1 is best; missing if hidden
  double outcome = kMissing;  ///< 0 (nothing) to 1 (a match); missing without feedback
};

/// One round: two or more options are offered, one is chosen, and feedback follows.
struct Trial {
  int run = 0;                    ///< beliefs carry over between runs unless restart_each_run
  std::vector<int> options = {};  ///< offered, at least two, indices into Participant::options
  int chosen = -1;                ///< one of them; -1: no response, nothing is learned
  double rank = kMissing;         ///< feedback of the chosen option, see Feedback
  double outcome = kMissing;
  /// Counterfactual feedback: what the unchosen options would have given, if that was shown. Empty,
  /// or one per option in the order of `options` (that of the chosen one is ignored).
  std::vector<Feedback> unchosen = {};

  bool offers(int option) const {
    return std::find(options.begin(), options.end(), option) != options.end();
  }
};

/// Calls learn(option, feedback) for the feedback shown in a round: first for the chosen option,
/// then, with `counterfactual`, for the others in the order offered.
template <class Learn>
void for_each_feedback(const Trial& trial, bool counterfactual, Learn learn) {
  learn(trial.chosen, Feedback{trial.rank, trial.outcome});
  if (!counterfactual) return;
  for (size_t i = 0; i < trial.unchosen.size(); ++i)
    if (trial.options[i] != trial.chosen) learn(trial.options[i], trial.unchosen[i]);
}

/// All choices and feedback of one participant, in chronological order.
struct Participant {
  std::string label;                 ///< without "sub-"
  std::vector<std::string> options;  ///< partners' names
  std::vector<Trial> trials;
};

/// Log likelihood of choosing uniformly among the options offered, nats.
double chance_log_likelihood(const Participant& participant);

}  // namespace sociometer
