#pragma once
#include <cmath>
#include <utility>
#include <vector>

#include "engine/learning/learner.hpp"

namespace sociometer {

/// Belief about the mean of a partner's ranks: normal, with known variance of single ranks.
///
///     K = s2 / (s2 + so2);  mu' = mu + K (rank - mu);  s2' = (1 - K) s2
struct RankBelief {
  double mean, variance;
  void learn(double rank, double noise_variance) {
    const double gain = variance / (variance + noise_variance);
    mean += gain * (rank - mean);
    variance *= 1 - gain;
  }
};

/// 1 for the best rank, 0 for the worst.
inline double rank_value(double mean_rank, const LearningSettings& s) {
  return 1 - (mean_rank - 1) / (s.n_ranks - 1);
}

inline std::vector<RankBelief> prior_rank_beliefs(int n_options, const LearningSettings& s) {
  return std::vector<RankBelief>(size_t(n_options), {s.rank_mean, s.rank_variance});
}

/// Softmax over values: log odds are beta times the value difference.
template <class T>
class SoftmaxState : public LearnerState<T> {
 public:
  explicit SoftmaxState(T beta) : beta_(std::move(beta)) {}
  T preference(int option, int other) const override {
    return beta_ * (this->value(option) - this->value(other));
  }

 private:
  T beta_;
};

enum class Mix { hybrid, rank, outcome };

/// Bayesian updating without free parameters; value = w VR + (1 - w) VO with w = 1 (rank), 0
/// (outcome) or free (hybrid). For outcome counts that decay to the prior see DecayState.
///
/// @param p  beta, or w and beta.
template <class T, Mix mix>
class IdealObserverState final : public SoftmaxState<T> {
 public:
  IdealObserverState(const LearningSettings& s, int n_options, std::span<const T> p)
      : SoftmaxState<T>(p[mix == Mix::hybrid ? 1 : 0]),
        s_(s),
        w_(mix == Mix::hybrid ? p[0] : T(mix == Mix::rank ? 1.0 : 0.0)),
        ranks_(prior_rank_beliefs(n_options, s)),
        outcomes_(size_t(n_options), {s.outcome_matches, s.outcome_misses}) {}
  T value(int option) const override {
    const Belief b = belief(option);
    if (mix == Mix::rank) return T(b.rank_value);
    if (mix == Mix::outcome) return T(b.outcome_value);
    return w_ * b.rank_value + (1.0 - w_) * b.outcome_value;
  }
  void learn(const Trial& trial) override {
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      const auto i = size_t(option);
      if (!std::isnan(shown.rank)) ranks_[i].learn(shown.rank, s_.rank_noise_variance);
      if (std::isnan(shown.outcome)) return;
      outcomes_[i].first += shown.outcome;
      outcomes_[i].second += 1 - shown.outcome;
    });
  }
  Belief belief(int option) const override {
    const RankBelief& r = ranks_[size_t(option)];
    const auto& [a, b] = outcomes_[size_t(option)];
    return {r.mean, r.variance, rank_value(r.mean, s_), a, b, a / (a + b)};
  }

 private:
  LearningSettings s_;
  T w_;
  std::vector<RankBelief> ranks_;
  std::vector<std::pair<double, double>> outcomes_;
};

/// The hybrid whose counts of matches and misses decay to the prior: before each feedback
/// a = a0 + (1 - d)(a - a0), likewise b, for all options or only the one with feedback.
/// @param p  decay d, w, beta.
template <class T>
class DecayState final : public SoftmaxState<T> {
 public:
  DecayState(const LearningSettings& s, int n_options, std::span<const T> p)
      : SoftmaxState<T>(p[2]),
        s_(s),
        kept_(1.0 - p[0]),
        w_(p[1]),
        ranks_(prior_rank_beliefs(n_options, s)),
        outcomes_(size_t(n_options), {T(s.outcome_matches), T(s.outcome_misses)}) {}
  T value(int option) const override {
    const auto& [a, b] = outcomes_[size_t(option)];
    return w_ * rank_value(ranks_[size_t(option)].mean, s_) + (1.0 - w_) * (a / (a + b));
  }
  void learn(const Trial& trial) override {
    bool decayed = false;  // for all options: once per round, however much is shown
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      const auto i = size_t(option);
      if (!std::isnan(shown.rank)) ranks_[i].learn(shown.rank, s_.rank_noise_variance);
      if (std::isnan(shown.outcome)) return;
      if (!s_.decay_all_options) decay(outcomes_[i]);
      if (s_.decay_all_options && !std::exchange(decayed, true))
        for (auto& counts : outcomes_) decay(counts);
      outcomes_[i].first = outcomes_[i].first + shown.outcome;
      outcomes_[i].second = outcomes_[i].second + (1 - shown.outcome);
    });
  }
  Belief belief(int option) const override {
    const RankBelief& r = ranks_[size_t(option)];
    const double a = plain(outcomes_[size_t(option)].first);
    const double b = plain(outcomes_[size_t(option)].second);
    return {r.mean, r.variance, rank_value(r.mean, s_), a, b, a / (a + b)};
  }

 private:
  void decay(std::pair<T, T>& counts) const {
    counts.first = s_.outcome_matches + kept_ * (counts.first - s_.outcome_matches);
    counts.second = s_.outcome_misses + kept_ * (counts.second - s_.outcome_misses);
  }
  LearningSettings s_;
  T kept_, w_;
  std::vector<RankBelief> ranks_;
  std::vector<std::pair<T, T>> outcomes_;
};

}  // namespace sociometer
