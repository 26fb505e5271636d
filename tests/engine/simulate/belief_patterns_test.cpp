#include "engine/simulate/belief_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "engine/simulate/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace belief_patterns_test {

StudyPlan small_plan() {
  StudyPlan plan;
  plan.n_participants = 1;
  plan.n_rounds = 20;
  plan.grid = SimulationGrid::tiny;
  plan.settings.response.rank_pattern_percent = 0.5;
  return plan;
}

TEST(BeliefPatterns, AreOnlyThereIfAskedFor) {
  EXPECT_FALSE(has_belief_patterns(SimulationSettings{}));
  EXPECT_TRUE(has_belief_patterns(small_plan().settings));
}

TEST(BeliefPatterns, LieInTheRejectionRegionsWithTheirSize) {
  const StudyPlan plan = small_plan();
  const SimulatedStudy study = simulate_study(plan, 1);
  const Eigen::MatrixXd effects =
      belief_effects(study.phantom, study.maps, plan.settings, plan.seed, 1);
  const double one_percent =
      plan.settings.noise.baseline / 100 / response_peak(plan.settings.timing.feedback_event_s, 2);
  double sum = 0, n = 0;
  for (Eigen::Index v = 0; v < effects.rows(); ++v) {
    if (study.maps.rejection[v] == 0) {
      EXPECT_EQ(effects(v, 0), 0);
      continue;
    }
    const double slope = effects(v, 0) / one_percent / study.phantom.baseline[v];
    sum += slope * slope, n += 1;
  }
  EXPECT_GT(n, 30);
  EXPECT_NEAR(std::sqrt(sum / n), 0.5, 0.15);
  EXPECT_EQ(effects.col(1).cwiseAbs().maxCoeff(), 0);
  EXPECT_FALSE(testing::same_bits(
      effects, belief_effects(study.phantom, study.maps, plan.settings, plan.seed, 2)));
}

TEST(BeliefPatterns, OverlapAsTheSettingsAndTheRatingBiasSay) {
  StudyPlan plan = small_plan();
  plan.settings.response.outcome_pattern_percent = 3;
  const SimulatedStudy study = simulate_study(plan, 1);
  // Share of the voxels with equal slopes, and of those the share with equal signs.
  const auto equal = [&](uint64_t person) {
    const Eigen::MatrixXd effects =
        belief_effects(study.phantom, study.maps, plan.settings, plan.seed, person);
    double voxels = 0, sizes = 0, signs = 0;
    for (Eigen::Index v = 0; v < effects.rows(); ++v) {
      if (study.maps.rejection[v] == 0) continue;
      const double rank = effects(v, 0) / 0.5, outcome = effects(v, 1) / 3;
      const bool same = std::abs(std::abs(rank / outcome) - 1) < 1e-9;
      ++voxels, sizes += same, signs += same && rank * outcome > 0;
    }
    return std::pair(sizes / voxels, signs / sizes);
  };
  EXPECT_EQ(equal(1).first, 0);
  plan.settings.response.pattern_overlap = 1;
  EXPECT_EQ(equal(1).first, 1);
  EXPECT_NEAR(equal(1).second, 0.5, 0.25);
  plan.settings.response.pattern_overlap = 0.3;
  EXPECT_NEAR(equal(1).first, 0.3, 0.2);
  plan.settings.response.pattern_overlap = 0.5;
  plan.settings.response.pattern_overlap_per_bias = 0.2;
  for (uint64_t person = 1; person < 20; ++person)
    EXPECT_DOUBLE_EQ(pattern_overlap_of(plan.settings, plan.seed, person),
                     std::clamp(0.5 + 0.2 * rating_bias(plan.seed, int(person)), 0.0, 1.0));
}

TEST(BeliefPatterns, FollowTheBeliefsBeforeFeedback) {
  const StudyPlan plan = small_plan();
  const SimulatedStudy study = simulate_study(plan, 1);
  const auto& who = study.participants[0];
  const Eigen::MatrixXd first = belief_regressors(who.game, 0, plan.settings, who.signals);
  EXPECT_EQ(first.rows(), who.game.runs[0].n_scans);
  // The belief about a partner who was never chosen is the middle rank: no response to the first.
  const auto feedback_scan = Eigen::Index(who.game.runs[0].rounds[0].feedback_s / 2);
  EXPECT_NEAR(first.col(0).head(feedback_scan + 3).cwiseAbs().maxCoeff(), 0, 1e-12);
  EXPECT_GT(first.col(0).cwiseAbs().maxCoeff(), 0);
}

StudyPlan rating_plan() {
  StudyPlan plan = small_plan();
  plan.settings.response.rank_pattern_percent = 0;
  plan.settings.response.rating_pattern_percent = 2;
  return plan;
}

TEST(RatingPatterns, AreOnlyThereIfAskedFor) {
  EXPECT_FALSE(has_rating_patterns(small_plan().settings));
  EXPECT_TRUE(has_rating_patterns(rating_plan().settings));
  EXPECT_FALSE(has_belief_patterns(rating_plan().settings));
}

TEST(RatingPatterns, LieInTheRejectionRegionsAndHaveTheirOwnNumbers) {
  StudyPlan plan = rating_plan();
  plan.settings.response.rank_pattern_percent = 2;
  const SimulatedStudy study = simulate_study(plan, 1);
  const Eigen::MatrixXd ratings = rating_effects_of_voxels(study.phantom, study.maps, plan.settings,
                                                           plan.seed, 1),
                        beliefs =
                            belief_effects(study.phantom, study.maps, plan.settings, plan.seed, 1);
  const double one_percent =
      plan.settings.noise.baseline / 100 / response_peak(plan.settings.timing.feedback_event_s, 2);
  double squares = 0, product = 0, n = 0;
  for (Eigen::Index v = 0; v < ratings.rows(); ++v) {
    if (study.maps.rejection[v] == 0) {
      EXPECT_EQ(ratings(v, 0), 0);
      continue;
    }
    const double unit = one_percent * study.phantom.baseline[v];
    squares += std::pow(ratings(v, 0) / unit, 2), ++n;
    product += ratings(v, 0) * beliefs(v, 0) / unit / unit;
  }
  EXPECT_NEAR(std::sqrt(squares / n), 2, 0.6);
  EXPECT_LT(std::abs(product / n), 4 * 4 / std::sqrt(n));  // four standard errors of 0
}

TEST(RatingPatterns, FollowTheRatingOfThePartnerWhoWasChosen) {
  const StudyPlan plan = rating_plan();
  const SimulatedStudy study = simulate_study(plan, 1);
  const PlayedGame& game = study.participants[0].game;
  std::vector<Rating> ratings;
  for (int d = 0; d < int(study.deciders.size()); ++d) ratings.push_back({d, 50});
  // The middle of the scale is no response.
  EXPECT_EQ(rating_regressor(game, 0, plan.settings, ratings).cwiseAbs().maxCoeff(), 0);
  const auto feedback_of = [&](size_t round) {
    return Eigen::Index(game.runs[0].rounds[round].feedback_s / plan.settings.timing.tr_s);
  };
  size_t first = 0;
  while (game.runs[0].rounds[first].trial.chosen < 0) ++first;
  // Only the partner of the first round has another rating.
  ratings[size_t(game.runs[0].rounds[first].trial.chosen)].value = 100;
  const Eigen::VectorXd x = rating_regressor(game, 0, plan.settings, ratings);
  EXPECT_EQ(x.head(feedback_of(first)).cwiseAbs().maxCoeff(), 0);
  EXPECT_GT(x.segment(feedback_of(first), 6).maxCoeff(), 0);
  ratings[size_t(game.runs[0].rounds[first].trial.chosen)].value = 0;
  EXPECT_TRUE(
      testing::close_relative(rating_regressor(game, 0, plan.settings, ratings), -x, 1e-12, 1e-12));
}

TEST(RatingPatterns, ChangeNothingElse) {
  const SimulatedStudy study = simulate_study(small_plan(), 1);
  RunImages with = simulate_run(study, 0, 0).images;
  StudyPlan plan = small_plan();
  plan.settings.response.rating_pattern_percent = 2;
  const SimulatedStudy more = simulate_study(plan, 1);
  RunImages images = simulate_run(more, 0, 0).images;
  double outside = 0, inside = 0;
  for (int scan = 0; scan < 40; ++scan) {
    const Eigen::VectorXd difference = images.next() - with.next();
    for (Eigen::Index v = 0; v < difference.size(); ++v)
      (study.maps.rejection[v] == 0 ? outside : inside) += std::abs(difference[v]);
  }
  EXPECT_EQ(outside, 0);
  EXPECT_GT(inside, 0);
}

}  // namespace belief_patterns_test
}  // namespace sociometer
