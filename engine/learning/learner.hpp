#pragma once
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/learning/dual.hpp"
#include "engine/learning/parameter.hpp"
#include "engine/learning/settings.hpp"
#include "engine/learning/trials.hpp"

namespace sociometer {

/// A learner's belief about one option; quantities that the learner does not represent are missing.
struct Belief {
  double rank_mean = kMissing;      ///< ranks, 1 best
  double rank_variance = kMissing;  ///< ranks squared
  double rank_value = kMissing;     ///< 0 (worst rank) to 1 (best)
  double matches = kMissing;        ///< parameters of the Beta belief
  double misses = kMissing;
  double outcome_value = kMissing;  ///< believed probability of a match
};

/// A learner's state: what it holds about each option, updated round by round. T is double, or a
/// Dual for derivatives with respect to the parameters.
template <class T>
class LearnerState {
 public:
  virtual ~LearnerState() = default;
  /// Value of an option, 0 to 1 in most learners.
  virtual T value(int option) const = 0;
  /// Log odds of choosing one option over another: the value difference times beta, plus any other
  /// influence on choice. preference(a, b) = -preference(b, a), and for three options
  /// preference(a, c) = preference(a, b) + preference(b, c).
  virtual T preference(int option, int other) const = 0;
  /// Share of choices that are uniform over the options offered; nullptr if there are no lapses.
  virtual const T* lapse() const { return nullptr; }
  /// Learns from the feedback of the chosen option and, if shown and used, of the others; missing
  /// ranks and outcomes are ignored.
  virtual void learn(const Trial& trial) = 0;
  virtual Belief belief(int option) const = 0;
};

/// A learning model: its parameters and its states. Likelihood, fit, simulated choices, recovery
/// and signals are all built on this interface.
class Learner {
 public:
  virtual ~Learner() = default;
  virtual const std::string& name() const = 0;
  virtual const std::vector<Parameter>& parameters() const = 0;
  /// Whether its choices depend on ranks or outcomes; it cannot be fitted to a table without them.
  virtual bool needs_rank() const = 0;
  virtual bool needs_outcome() const = 0;

  using First = Dual<double>;
  using Second = Dual<Dual<double>>;
  /// A state before the first round. @param p  one per parameters(), each within its range.
  virtual std::unique_ptr<LearnerState<double>> start(int n_options,
                                                      std::span<const double> p) const = 0;
  virtual std::unique_ptr<LearnerState<First>> start(int n_options,
                                                     std::span<const First> p) const = 0;
  virtual std::unique_ptr<LearnerState<Second>> start(int n_options,
                                                      std::span<const Second> p) const = 0;
};

/// Names known to make_learner, without add-ons.
const std::vector<std::string>& learner_names();
/// "+stick", "+lapse".
const std::vector<std::string>& learner_add_ons();

/// "hybrid", "rank", "outcome", ..; "hybrid+stick" adds choice stickiness (to any learner),
/// "hybrid+lapse" random lapses, "hybrid+stick+lapse" both.
/// @throws Error{usage} for an unknown name, Error{bad_input} for invalid settings.
std::shared_ptr<const Learner> make_learner(const std::string& name,
                                            const LearningSettings& settings);

/// log softmax probability of one of the options offered; for two options, the
/// logistic function of the log odds.
template <class T>
T log_softmax(const LearnerState<T>& state, std::span<const int> options, int chosen) {
  using std::exp;
  using std::log;
  if (options.size() == 2) {
    const int other = options[0] == chosen ? options[1] : options[0];
    return log_logistic(state.preference(chosen, other));
  }
  // Factor out the largest term to avoid overflow.
  T most(0.0);
  for (int option : options)
    if (const T odds = option == chosen ? T(0.0) : state.preference(option, chosen);
        plain(odds) > plain(most))
      most = odds;
  T sum = exp(T(-1.0 * most));
  for (int option : options)
    if (option != chosen) sum = sum + exp(T(state.preference(option, chosen) - most));
  return T(-1.0 * (most + log(sum)));
}

/// log probability that a learner chooses a given option: softmax, mixed with lapses.
///
///     P(c) = (1 - l) / sum_j exp(preference(j over c)) + l / n_offered
///
/// The only place where preferences become probabilities; simulated choices use it as well.
/// @param chosen  one of `options`.
template <class T>
T log_choice_probability(const LearnerState<T>& state, std::span<const int> options, int chosen) {
  using std::exp;
  using std::log;
  const T softmax = log_softmax(state, options, chosen);
  const T* lapse = state.lapse();
  if (!lapse) return softmax;
  return log((1.0 - *lapse) * exp(softmax) + *lapse / double(options.size()));
}

/// The option selected by a uniform number in (0, 1) under these probabilities, in order offered.
inline int choice_at(const LearnerState<double>& state, std::span<const int> options,
                     double uniform) {
  double below = 0;
  for (int option : options.first(options.size() - 1)) {
    below += std::exp(log_choice_probability(state, options, option));
    if (uniform < below) return option;
  }
  return options.back();
}

/// Log likelihood of a participant's choices; rounds without a response are skipped.
/// @cost  a microsecond per round for doubles.
template <class T>
T log_likelihood(const Learner& learner, const LearningSettings& settings,
                 const Participant& participant, std::span<const T> parameters) {
  const int n_options = int(participant.options.size());
  auto state = learner.start(n_options, parameters);
  T sum(0.0);
  for (size_t i = 0; i < participant.trials.size(); ++i) {
    const Trial& trial = participant.trials[i];
    if (settings.restart_each_run && i > 0 && trial.run != participant.trials[i - 1].run)
      state = learner.start(n_options, parameters);
    if (trial.chosen < 0) continue;
    sum = sum + log_choice_probability(*state, trial.options, trial.chosen);
    state->learn(trial);
  }
  return sum;
}

}  // namespace sociometer
