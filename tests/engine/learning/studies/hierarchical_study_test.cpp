#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/learning/hierarchical.hpp"
#include "tests/support/game.hpp"

namespace sociometer::testing {
namespace {

/// Two options with reward probabilities .7 and .3, swapped every 25 rounds.
std::vector<Round> bandit(int n_trials, uint64_t seed) {
  const CounterRandom random(seed, 9);
  std::vector<Round> rounds;
  for (int i = 0; i < n_trials; ++i) {
    const bool swapped = i / 25 % 2 == 1;
    const auto pays = [&](int option, double p) {
      return Feedback{kMissing, double(random.uniform(uint64_t(2 * i + option)) < p)};
    };
    Round round;
    round.options = {0, 1};
    round.feedback = {pays(0, swapped ? 0.3 : 0.7), pays(1, swapped ? 0.7 : 0.3)};
    rounds.push_back(round);
  }
  return rounds;
}

/// Priors normal(0, 6.25) on transformed parameters.
LearningSettings wide_priors() {
  LearningSettings s;
  for (auto& [name, prior] : s.priors) prior = {PriorFamily::normal_transformed, 0, 2.5};
  return s;
}

/// 10 participants who learn with one rate, 30 with two.
std::vector<Participant> two_kinds(uint64_t seed, int n_one, int n_two) {
  const CounterRandom random(seed, 4);
  const auto settings = wide_priors();
  std::vector<Participant> people;
  uint64_t at = 0;
  for (int i = 0; i < n_one + n_two; ++i) {
    const auto normal = [&](double mean, double sd) { return mean + sd * random.normal(at++); };
    const bool one = i < n_one;
    std::vector<double> p;
    if (one)
      p = {logistic(normal(1, 0.5))};
    else
      p = {logistic(normal(1, 0.5)), logistic(normal(-3, 0.5))};  // braces: left to right
    p.push_back(std::exp(normal(1.6, 0.3)));
    Participant person{std::to_string(i), {"A", "B"}, {}};
    const auto own = seed * 1000 + uint64_t(i);
    person.trials =
        simulate_choices(*make_learner(one ? "rw-outcome" : "rw-outcome-signed", settings),
                         settings, 2, bandit(100, own), p, CounterRandom(own, 5));
    people.push_back(person);
  }
  return people;
}

TEST(HierarchicalStudies, SplitAndGroupsAreRecovered) {
  constexpr int kStudies = 8;
  double frequency = 0, pxp = 0, right = 0;
  Eigen::Vector3d mean = Eigen::Vector3d::Zero(), sd = mean;
  for (int s = 0; s < kStudies; ++s) {
    const auto people = two_kinds(uint64_t(s + 1), 10, 30);
    const auto fit =
        fit_hierarchical({"rw-outcome", "rw-outcome-signed"}, wide_priors(), people, {}, {}, 2);
    EXPECT_TRUE(fit.converged);
    EXPECT_NEAR(fit.frequency[0], 11.0 / 42, 0.1) << s;
    EXPECT_GT(fit.protected_exceedance[1], 0.8) << s;
    frequency += fit.frequency[0] / kStudies;
    pxp += fit.protected_exceedance[1] / kStudies;
    for (Eigen::Index i = 0; i < 40; ++i)
      right += (fit.responsibilities(i, 1) > 0.5) == (i >= 10) ? 1.0 / (40 * kStudies) : 0;
    mean += fit.groups[1].mean / kStudies;
    sd += fit.groups[1].sd() / kStudies;
  }
  RecordProperty("frequency_of_one_rate", std::to_string(frequency));
  RecordProperty("protected_exceedance", std::to_string(pxp));
  RecordProperty("people_told_right", std::to_string(right));
  RecordProperty("means", fmt::format("{} {} {}", mean[0], mean[1], mean[2]));
  RecordProperty("sds", fmt::format("{} {} {}", sd[0], sd[1], sd[2]));
  EXPECT_NEAR(frequency, 11.0 / 42, 0.05);
  EXPECT_GT(pxp, 0.9);
  EXPECT_GT(right, 0.93);
  EXPECT_NEAR(mean[0], 1, 0.5);
  EXPECT_NEAR(mean[1], -3, 0.5);
  EXPECT_NEAR(mean[2], 1.6, 0.2);
  // The prior of the mean (0, weight 1) adds N / (N + 1) mean^2 to the sum of squares: with a mean
  // of 3 and 30 participants about .3 to the variance.
  EXPECT_NEAR(std::log(sd[0] / 0.5), 0, 0.5);
  EXPECT_NEAR(std::log(sd[1] / std::sqrt(0.25 + 0.3)), 0, 0.4);
  EXPECT_NEAR(std::log(sd[2] / std::sqrt(0.09 + 0.08)), 0, 0.4);
}

TEST(HierarchicalStudies, PeopleWithOneRateAreNotGivenTwo) {
  // Both models contain the participants' behaviour; the second rate is redundant.
  const auto people = two_kinds(3, 20, 0);
  const auto fit =
      fit_hierarchical({"rw-outcome", "rw-outcome-signed"}, wide_priors(), people, {}, {}, 2);
  RecordProperty("frequency_of_two_rates", std::to_string(fit.frequency[1]));
  EXPECT_LT(fit.protected_exceedance[1], 0.5);
}

}  // namespace
}  // namespace sociometer::testing
