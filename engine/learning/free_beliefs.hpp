#pragma once
#include <cmath>
#include <vector>

#include "engine/learning/ideal_observer.hpp"

namespace sociometer {

/// The hybrid learner with free constants in its belief about ranks: the prior expectation for an
/// unknown partner and the assumed noise of a rank. The outcome belief is the ideal observer's.
///
///     mu0 = 1 + (1 - prior_value) (n_ranks - 1);  K = s2 / (s2 + so2), so2 = rank_noise
///
/// The prior variance s2 stays at the setting rank_variance: choices depend only on s2 / so2, so
/// the data cannot identify both.
/// @param p  prior_value, rank_noise, w, beta.
template <class T>
class FreeBeliefState final : public SoftmaxState<T> {
 public:
  FreeBeliefState(const LearningSettings& s, int n_options, std::span<const T> p)
      : SoftmaxState<T>(p[3]),
        s_(s),
        rank_noise_(p[1]),
        w_(p[2]),
        ranks_(size_t(n_options), {p[0], T(s.rank_variance)}),
        outcomes_(size_t(n_options), {s.outcome_matches, s.outcome_misses}) {}
  T value(int option) const override {
    const auto& [a, b] = outcomes_[size_t(option)];
    return w_ * ranks_[size_t(option)].value + (1.0 - w_) * (a / (a + b));
  }
  void learn(const Trial& trial) override {
    for_each_feedback(trial, learns_counterfactual(s_), [&](int option, const Feedback& shown) {
      const auto i = size_t(option);
      if (!std::isnan(shown.rank)) {
        const T gain = ranks_[i].variance / (ranks_[i].variance + rank_noise_);
        ranks_[i].value = ranks_[i].value + gain * (rank_value(shown.rank, s_) - ranks_[i].value);
        ranks_[i].variance = (1.0 - gain) * ranks_[i].variance;
      }
      if (std::isnan(shown.outcome)) return;
      outcomes_[i].first += shown.outcome;
      outcomes_[i].second += 1 - shown.outcome;
    });
  }
  Belief belief(int option) const override {
    const double value = plain(ranks_[size_t(option)].value);
    const auto& [a, b] = outcomes_[size_t(option)];
    return {1 + (1 - value) * (s_.n_ranks - 1),
            plain(ranks_[size_t(option)].variance),
            value,
            a,
            b,
            a / (a + b)};
  }

 private:
  struct RankEstimate {
    T value;     ///< of the mean rank, 0 to 1
    T variance;  ///< ranks squared
  };
  LearningSettings s_;
  T rank_noise_, w_;
  std::vector<RankEstimate> ranks_;
  std::vector<std::pair<double, double>> outcomes_;
};

}  // namespace sociometer
