#pragma once
#include <cmath>
#include <vector>

#include "engine/learning/ideal_observer.hpp"

namespace sociometer {

/// Learning rates by type of feedback and sign of the prediction error.
template <class T>
struct LearningRates {
  T outcome_up, outcome_down, rank_up, rank_down;
};

/// Q' = Q + alpha (feedback - Q), separately for outcomes (0, 1) and ranks on the value scale
/// (1 best, 0 worst); value = w QR + (1 - w) QO.
/// @source Rescorla & Wagner 1972.
template <class T>
class RescorlaWagnerState : public SoftmaxState<T> {
 public:
  RescorlaWagnerState(const LearningSettings& s, int n_options, LearningRates<T> rates, T w, T beta)
      : SoftmaxState<T>(beta),
        s_(s),
        rates_(rates),
        w_(w),
        ranks_(size_t(n_options), T(s.initial_value)),
        outcomes_(size_t(n_options), T(s.initial_value)) {}
  T value(int option) const override {
    return w_ * ranks_[size_t(option)] + (1.0 - w_) * outcomes_[size_t(option)];
  }
  void learn(const Trial& trial) override {
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      const auto i = size_t(option);
      if (!std::isnan(shown.rank))
        step(ranks_[i], rank_value(shown.rank, s_), rates_.rank_up, rates_.rank_down);
      if (!std::isnan(shown.outcome))
        step(outcomes_[i], shown.outcome, rates_.outcome_up, rates_.outcome_down);
    });
  }
  Belief belief(int option) const override {
    Belief b;
    b.rank_value = plain(ranks_[size_t(option)]);
    b.rank_mean = 1 + (1 - b.rank_value) * (s_.n_ranks - 1);
    b.outcome_value = plain(outcomes_[size_t(option)]);
    return b;
  }

 private:
  static void step(T& q, double feedback, const T& up, const T& down) {
    const T error = feedback - q;
    q = q + (plain(error) > 0 ? up : down) * error;
  }
  LearningSettings s_;
  LearningRates<T> rates_;
  T w_;
  std::vector<T> ranks_, outcomes_;
};

/// One learning rate. @param p  alpha, w, beta.
template <class T>
class OneRateState final : public RescorlaWagnerState<T> {
 public:
  OneRateState(const LearningSettings& s, int n, std::span<const T> p)
      : RescorlaWagnerState<T>(s, n, {p[0], p[0], p[0], p[0]}, p[1], p[2]) {}
};

/// One learning rate, outcomes only. @param p  alpha, beta.
template <class T>
class OutcomeRateState final : public RescorlaWagnerState<T> {
 public:
  OutcomeRateState(const LearningSettings& s, int n, std::span<const T> p)
      : RescorlaWagnerState<T>(s, n, {p[0], p[0], p[0], p[0]}, T(0.0), p[1]) {}
};

/// Separate rates for errors above and below 0, outcomes only.
/// @param p  alpha_positive, alpha_negative, beta.
template <class T>
class SignedOutcomeRateState final : public RescorlaWagnerState<T> {
 public:
  SignedOutcomeRateState(const LearningSettings& s, int n, std::span<const T> p)
      : RescorlaWagnerState<T>(s, n, {p[0], p[1], p[0], p[1]}, T(0.0), p[2]) {}
};

/// Separate rates for outcomes and ranks. @param p  alpha_outcome, alpha_rank, w, beta.
template <class T>
class DualRateState final : public RescorlaWagnerState<T> {
 public:
  DualRateState(const LearningSettings& s, int n, std::span<const T> p)
      : RescorlaWagnerState<T>(s, n, {p[0], p[0], p[1], p[1]}, p[2], p[3]) {}
};

/// Separate rates for errors above and below 0. @param p  alpha_positive, alpha_negative, w, beta.
template <class T>
class SignedRateState final : public RescorlaWagnerState<T> {
 public:
  SignedRateState(const LearningSettings& s, int n, std::span<const T> p)
      : RescorlaWagnerState<T>(s, n, {p[0], p[1], p[0], p[1]}, p[2], p[3]) {}
};

}  // namespace sociometer
