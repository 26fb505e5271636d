#include "engine/learning/signals.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "engine/learning/choices.hpp"
#include "tests/engine/learning/random_participant.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

double kl_by_quadrature(double a1, double b1, double a0, double b0) {
  const boost::math::beta_distribution<double> one(a1, b1), zero(a0, b0);
  boost::math::quadrature::tanh_sinh<double> integrator;
  return integrator.integrate(
      [&](double x) {
        const double p = pdf(one, x), q = pdf(zero, x);
        return p > 0 ? p * std::log(p / q) : 0.0;
      },
      0.0, 1.0);
}

TEST(KlBeta, IsTheIntegral) {
  EXPECT_TRUE(close_number(kl_beta(2, 1, 1, 1), kl_by_quadrature(2, 1, 1, 1), 1e-10));
  EXPECT_TRUE(close_number(kl_beta(5, 9, 5, 8), kl_by_quadrature(5, 9, 5, 8), 1e-10));
  EXPECT_TRUE(close_number(kl_beta(3, 3, 3, 3), 0, 1e-14, 1));
}

TEST(KlNormal, IsTheClosedFormOfEqualVariances) {
  EXPECT_TRUE(close_number(kl_normal(3, 2, 1, 2), 1, 1e-14));  // d^2 / 2 s2
  EXPECT_TRUE(close_number(kl_normal(0, 4, 0, 1), 0.5 * (3 - std::log(4)), 1e-14));
}

TEST(Signals, FollowOneRoundByHand) {
  const Participant p{"01", {"A", "B"}, {{0, {0, 1}, 1, 2, 1}, {0, {0, 1}, 1, kMissing, 0}}};
  const std::vector<double> parameters{0.5, 1};
  const auto s = trial_signals(*make_learner("hybrid", {}), {}, p, parameters);
  EXPECT_TRUE(close_number(s[0].outcome_update, 1.0 / 6, 1e-14));
  EXPECT_TRUE(close_number(s[0].outcome_pe, 0.5, 1e-14));
  EXPECT_TRUE(close_number(s[0].rank_update, 2.1, 1e-14));  // .84 * 2.5, + is better
  EXPECT_TRUE(close_number(s[0].rank_update_unsigned, 2.1, 1e-14));
  EXPECT_TRUE(close_number(s[0].rank_pe, 2.5, 1e-14));
  EXPECT_TRUE(close_number(s[0].outcome_kl, kl_beta(2, 1, 1, 1), 1e-14));
  EXPECT_TRUE(close_number(s[0].rank_kl, kl_normal(2.4, 0.84, 4.5, 5.25), 1e-14));
  EXPECT_TRUE(close_number(s[0].value_difference, 0, 1e-14, 1));
  // The second round: no rank is shown, the rejection lowers VO by 2/3 - 1/2.
  EXPECT_TRUE(std::isnan(s[1].rank_update) && std::isnan(s[1].rank_update_unsigned));
  EXPECT_TRUE(std::isnan(s[1].rank_pe) && std::isnan(s[1].rank_kl));
  EXPECT_TRUE(close_number(s[1].outcome_update, -1.0 / 6, 1e-14));
  EXPECT_TRUE(close_number(s[1].value_chosen, 0.5 * (0.8 + 2.0 / 3), 1e-14));
  EXPECT_TRUE(close_number(s[1].value_unchosen, 0.5, 1e-14));
}

TEST(Signals, OfIdealObserversDoNotDependOnParameters) {
  const Participant person = random_participant(60, 2);
  const auto learner = make_learner("hybrid", {});
  const std::vector<double> one{0.1, 1}, other{0.9, 8};
  const auto a = trial_signals(*learner, {}, person, one);
  const auto b = trial_signals(*learner, {}, person, other);
  int n_ranks = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const Trial& trial = person.trials[i];
    EXPECT_EQ(std::isnan(a[i].rank_update), trial.chosen < 0 || std::isnan(trial.rank));
    if (std::isnan(a[i].rank_update)) continue;
    ++n_ranks;
    EXPECT_EQ(a[i].rank_update, b[i].rank_update);
    EXPECT_EQ(a[i].outcome_update, b[i].outcome_update);
  }
  EXPECT_GT(n_ranks, 20);
}

TEST(SimulatedChoices, FollowTheLearnersProbabilities) {
  LearningSettings settings;
  const auto learner = make_learner("random+stick", settings);
  const std::vector<double> p{1.2};
  std::vector<Round> rounds(20000, Round{0, {0, 1}, {{}, {}}});
  const auto trials = simulate_choices(*learner, settings, 2, rounds, p, CounterRandom(1, 1));
  int repeats = 0;
  for (size_t i = 1; i < trials.size(); ++i) repeats += trials[i].chosen == trials[i - 1].chosen;
  const double rate = repeats / double(trials.size() - 1);
  EXPECT_NEAR(rate, logistic(1.2), 4 * std::sqrt(0.25 / 20000));
}

}  // namespace
}  // namespace sociometer::testing
