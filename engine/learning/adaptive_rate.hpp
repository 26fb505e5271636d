#pragma once
#include <cmath>
#include <utility>
#include <vector>

#include "engine/learning/ideal_observer.hpp"

namespace sociometer {

/// |x|; the derivative at 0 is taken from above.
template <class T>
T magnitude(const T& x) {
  return plain(x) < 0 ? T(-1.0 * x) : x;
}

/// Pearce-Hall: learning is faster after recent surprise. Each option has a value Q and an
/// associability A for its outcomes, and likewise for its ranks (on the value scale, 1 best):
///
///     delta = feedback - Q;  Q' = Q + kappa A delta;  A' = eta |delta| + (1 - eta) A
///
/// A starts at the setting initial_associability; the value is w QR + (1 - w) QO.
/// @source Pearce & Hall 1980, Psychol Rev 87:532; the form with prediction errors: Li, Schiller,
/// Schoenbaum, Phelps & Daw 2011, Nat Neurosci 14:1250.
template <class T>
class PearceHallState : public SoftmaxState<T> {
 public:
  PearceHallState(const LearningSettings& s, int n_options, T kappa, T eta, T w, T beta)
      : SoftmaxState<T>(beta),
        s_(s),
        kappa_(kappa),
        eta_(eta),
        w_(w),
        ranks_(size_t(n_options), {T(s.initial_value), T(s.initial_associability)}),
        outcomes_(ranks_) {}
  /// @param p  kappa, eta, w, beta.
  PearceHallState(const LearningSettings& s, int n_options, std::span<const T> p)
      : PearceHallState(s, n_options, p[0], p[1], p[2], p[3]) {}
  T value(int option) const override {
    return w_ * ranks_[size_t(option)].value + (1.0 - w_) * outcomes_[size_t(option)].value;
  }
  void learn(const Trial& trial) override {
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      if (!std::isnan(shown.rank)) step(ranks_[size_t(option)], rank_value(shown.rank, s_));
      if (!std::isnan(shown.outcome)) step(outcomes_[size_t(option)], shown.outcome);
    });
  }
  Belief belief(int option) const override {
    Belief b;
    b.rank_value = plain(ranks_[size_t(option)].value);
    b.rank_mean = 1 + (1 - b.rank_value) * (s_.n_ranks - 1);
    b.outcome_value = plain(outcomes_[size_t(option)].value);
    return b;
  }

 private:
  struct Cue {
    T value, associability;
  };
  void step(Cue& cue, double feedback) const {
    const T error = feedback - cue.value;
    cue.value = cue.value + kappa_ * cue.associability * error;
    cue.associability = eta_ * magnitude(error) + (1.0 - eta_) * cue.associability;
  }
  LearningSettings s_;
  T kappa_, eta_, w_;
  std::vector<Cue> ranks_, outcomes_;
};

/// Outcomes only. @param p  kappa, eta, beta.
template <class T>
class OutcomePearceHallState final : public PearceHallState<T> {
 public:
  OutcomePearceHallState(const LearningSettings& s, int n, std::span<const T> p)
      : PearceHallState<T>(s, n, p[0], p[1], T(0.0), p[2]) {}
};

/// Kalman filter: partners are assumed to drift, so that learning never stops. Per option a normal
/// belief about the mean outcome, and one about the mean rank (on the value scale):
///
///     s2 += drift so2 for all options, before each feedback;  K = s2 / (s2 + so2)
///     m' = m + K (feedback - m);  s2' = (1 - K) s2
///
/// Only s2 / so2 matters. It starts at rank_variance / rank_noise_variance for ranks and at
/// 1 / (a + b) for outcomes, the ratio of the variance of the ideal observer's Beta(a, b) prior to
/// the noise expected under it; means start at rank_mean and a / (a + b). Without drift the means
/// equal those of the ideal observer.
/// @source Kalman 1960; as a learner: Daw, O'Doherty, Dayan, Seymour & Dolan 2006, Nature 441:876
/// (without its decay of the means).
template <class T>
class KalmanState : public SoftmaxState<T> {
 public:
  KalmanState(const LearningSettings& s, int n_options, T drift, T w, T beta)
      : SoftmaxState<T>(beta),
        s_(s),
        drift_(drift),
        w_(w),
        ranks_(size_t(n_options),
               {T(rank_value(s.rank_mean, s)), T(s.rank_variance / s.rank_noise_variance)}),
        outcomes_(size_t(n_options), {T(s.outcome_matches / (s.outcome_matches + s.outcome_misses)),
                                      T(1 / (s.outcome_matches + s.outcome_misses))}) {}
  /// @param p  drift, w, beta.
  KalmanState(const LearningSettings& s, int n_options, std::span<const T> p)
      : KalmanState(s, n_options, p[0], p[1], p[2]) {}
  T value(int option) const override {
    return w_ * ranks_[size_t(option)].mean + (1.0 - w_) * outcomes_[size_t(option)].mean;
  }
  void learn(const Trial& trial) override {
    bool drifted = false;  // once per round, however much feedback is shown
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      if (std::isnan(shown.rank) && std::isnan(shown.outcome)) return;
      if (!std::exchange(drifted, true)) drift();
      if (!std::isnan(shown.rank)) step(ranks_[size_t(option)], rank_value(shown.rank, s_));
      if (!std::isnan(shown.outcome)) step(outcomes_[size_t(option)], shown.outcome);
    });
  }
  Belief belief(int option) const override {
    Belief b;
    b.rank_value = plain(ranks_[size_t(option)].mean);
    b.rank_mean = 1 + (1 - b.rank_value) * (s_.n_ranks - 1);
    b.rank_variance = plain(ranks_[size_t(option)].ratio) * s_.rank_noise_variance;
    b.outcome_value = plain(outcomes_[size_t(option)].mean);
    return b;
  }

 private:
  struct Estimate {
    T mean, ratio;  ///< s2 / so2
  };
  void drift() {
    for (auto& e : ranks_) e.ratio = e.ratio + drift_;
    for (auto& e : outcomes_) e.ratio = e.ratio + drift_;
  }
  static void step(Estimate& e, double feedback) {
    const T gain = e.ratio / (e.ratio + 1.0);
    e.mean = e.mean + gain * (feedback - e.mean);
    e.ratio = gain;  // (1 - K) s2 / so2 = K
  }
  LearningSettings s_;
  T drift_, w_;
  std::vector<Estimate> ranks_, outcomes_;
};

/// Outcomes only. @param p  drift, beta.
template <class T>
class OutcomeKalmanState final : public KalmanState<T> {
 public:
  OutcomeKalmanState(const LearningSettings& s, int n, std::span<const T> p)
      : KalmanState<T>(s, n, p[0], T(0.0), p[1]) {}
};

}  // namespace sociometer
