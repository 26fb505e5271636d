#pragma once
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "engine/learning/ideal_observer.hpp"

namespace sociometer {

/// Win-stay-lose-shift: the value of an option is 1 after its last match, 0 after its last
/// rejection, 1/2 before any; beta sets the determinism. @param p  beta.
template <class T>
class WinStayState final : public SoftmaxState<T> {
 public:
  WinStayState(const LearningSettings& s, int n_options, std::span<const T> p)
      : SoftmaxState<T>(p[0]),
        counterfactual_(learns_counterfactual(s)),
        last_(size_t(n_options), 0.5) {}
  T value(int option) const override { return T(last_[size_t(option)]); }
  void learn(const Trial& trial) override {
    for_each_feedback(trial, counterfactual_, [&](int option, const Feedback& shown) {
      if (!std::isnan(shown.outcome)) last_[size_t(option)] = shown.outcome;
    });
  }
  Belief belief(int option) const override {
    Belief b;
    b.outcome_value = last_[size_t(option)];
    return b;
  }

 private:
  bool counterfactual_;
  std::vector<double> last_;
};

/// Chooses among the options offered with equal probability. No parameter.
template <class T>
class RandomState final : public LearnerState<T> {
 public:
  RandomState(const LearningSettings&, int, std::span<const T>) {}
  T value(int) const override { return T(0.5); }
  T preference(int, int) const override { return T(0.0); }
  void learn(const Trial&) override {}
  Belief belief(int) const override { return {}; }
};

/// Whether each option was chosen when last offered (or in the previous round).
class ChoiceHistory {
 public:
  ChoiceHistory(int n_options, Repetition repetition)
      : repetition_(repetition), chosen_(size_t(n_options), false) {}
  /// Whether choosing the option would repeat a choice.
  bool repeats(int option) const { return chosen_[size_t(option)]; }
  void add(const Trial& trial) {
    if (repetition_ == Repetition::previous_round) chosen_.assign(chosen_.size(), false);
    for (int option : trial.options) chosen_[size_t(option)] = trial.chosen == option;
  }

 private:
  Repetition repetition_;
  std::vector<bool> chosen_;
};

/// Any learner, with a bonus on the log odds of an option chosen the last time.
template <class T>
class StickyState final : public LearnerState<T> {
 public:
  StickyState(std::unique_ptr<LearnerState<T>> inner, int n_options, const LearningSettings& s,
              T stickiness)
      : inner_(std::move(inner)),
        history_(n_options, s.repetition),
        stickiness_(std::move(stickiness)) {}
  T value(int option) const override { return inner_->value(option); }
  T preference(int option, int other) const override {
    const double repeats = double(history_.repeats(option)) - history_.repeats(other);
    return inner_->preference(option, other) + stickiness_ * repeats;
  }
  const T* lapse() const override { return inner_->lapse(); }
  void learn(const Trial& trial) override {
    inner_->learn(trial);
    history_.add(trial);
  }
  Belief belief(int option) const override { return inner_->belief(option); }

 private:
  std::unique_ptr<LearnerState<T>> inner_;
  ChoiceHistory history_;
  T stickiness_;
};

/// Any learner with lapses: a share of choices is uniform over the options offered.
template <class T>
class LapsingState final : public LearnerState<T> {
 public:
  LapsingState(std::unique_ptr<LearnerState<T>> inner, int, const LearningSettings&, T lapse)
      : inner_(std::move(inner)), lapse_(std::move(lapse)) {}
  T value(int option) const override { return inner_->value(option); }
  T preference(int option, int other) const override { return inner_->preference(option, other); }
  const T* lapse() const override { return &lapse_; }
  void learn(const Trial& trial) override { inner_->learn(trial); }
  Belief belief(int option) const override { return inner_->belief(option); }

 private:
  std::unique_ptr<LearnerState<T>> inner_;
  T lapse_;
};

}  // namespace sociometer
