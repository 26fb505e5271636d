// Regression of staying and analysis of variance of ratings, compared with R.
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/learning/mixed_logistic.hpp"
#include "engine/learning/ratings.hpp"
#include "engine/learning/stay_switch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

MixedLogisticData data_of(const std::string& name) {
  const Eigen::MatrixXd table = tsv_values(golden("r/lme4/" + name + "_data.tsv"));
  MixedLogisticData data;
  data.design.resize(table.rows(), 3);
  data.design << Eigen::VectorXd::Ones(table.rows()), table.col(1), table.col(2);
  data.response = table.col(3);
  for (Eigen::Index t = 0; t < table.rows(); ++t) data.group.push_back(int(table(t, 0)) - 1);
  data.n_groups = data.group.back() + 1;
  return data;
}

Eigen::VectorXd packed(const Eigen::MatrixXd& covariance) {
  const Eigen::MatrixXd l = covariance.llt().matrixL();
  Eigen::VectorXd p(6);
  p << l(0, 0), l(1, 0), l(2, 0), l(1, 1), l(2, 1), l(2, 2);
  return p;
}

TEST(MixedLogistic, IsThatOfLme4) {
  const MixedLogisticFit fit = fit_mixed_logistic(data_of("stay"));
  const Eigen::MatrixXd effects = tsv_values(golden("r/lme4/stay_effects.tsv"), 1);
  const Eigen::MatrixXd covariance = tsv_values(golden("r/lme4/stay_covariance.tsv"));
  EXPECT_TRUE(fit.converged);
  EXPECT_FALSE(fit.singular);
  EXPECT_TRUE(
      close_number(fit.log_likelihood, tsv_values(golden("r/lme4/stay_fit.tsv"))(0, 0), 1e-8));
  EXPECT_TRUE(close_relative(fit.effects, effects.col(0), 1e-4));
  EXPECT_TRUE(close_relative(fit.standard_error, effects.col(1), 1e-3));
  EXPECT_TRUE(close_relative(fit.z, effects.col(2), 1e-3));
  EXPECT_TRUE(close_relative(fit.p, effects.col(3), 1e-2));
  EXPECT_TRUE(close_relative(fit.covariance, covariance, 1e-3, covariance.maxCoeff()));
}

TEST(MixedLogistic, HasLme4sConditionalModesAndTheirErrors) {
  const MixedLogisticFit fit = fit_mixed_logistic(data_of("stay"));
  const Eigen::MatrixXd modes = tsv_values(golden("r/lme4/stay_deviations.tsv"));
  ASSERT_EQ(fit.deviations.rows(), 30);
  EXPECT_TRUE(close_relative(fit.deviations, modes.leftCols(3), 1e-3, 0.1));
  EXPECT_TRUE(close_relative(fit.deviation_errors, modes.rightCols(3), 1e-3));
}

TEST(MixedLogistic, HasLme4sLikelihoodAtLme4sEstimates) {
  const MixedLogisticData data = data_of("stay");
  const Eigen::MatrixXd effects = tsv_values(golden("r/lme4/stay_effects.tsv"), 1);
  const double value = mixed_logistic_log_likelihood(
      data, effects.col(0), packed(tsv_values(golden("r/lme4/stay_covariance.tsv"))));
  EXPECT_TRUE(close_number(value, tsv_values(golden("r/lme4/stay_fit.tsv"))(0, 0), 1e-9));
}

TEST(MixedLogistic, ReportsASingularOptimum) {
  const MixedLogisticFit fit = fit_mixed_logistic(data_of("singular"));
  const Eigen::MatrixXd effects = tsv_values(golden("r/lme4/singular_effects.tsv"), 1);
  EXPECT_TRUE(fit.singular);
  EXPECT_TRUE(
      close_number(fit.log_likelihood, tsv_values(golden("r/lme4/singular_fit.tsv"))(0, 0), 1e-6));
  EXPECT_TRUE(close_relative(fit.effects, effects.col(0), 5e-3));
  EXPECT_TRUE(close_relative(fit.standard_error, effects.col(1), 5e-2));
}

TEST(MixedLogistic, WithoutRandomEffectsIsTheOrdinaryLikelihood) {
  const MixedLogisticData data = data_of("stay");
  const Eigen::Vector3d b(0.3, 0.1, -0.2);
  double expected = 0;
  for (Eigen::Index t = 0; t < data.response.size(); ++t) {
    const double eta = data.design.row(t) * b;
    expected += data.response[t] * eta - std::log1p(std::exp(eta));
  }
  EXPECT_TRUE(close_number(mixed_logistic_log_likelihood(data, b, Eigen::VectorXd::Zero(6)),
                           expected, 1e-12));
}

TEST(MixedLogistic, RefusesWhatCannotBeRegressed) {
  MixedLogisticData data = data_of("singular");
  data.response.setOnes();
  EXPECT_THROW(fit_mixed_logistic(data), Error);
  data = data_of("singular");
  data.design.col(2) = data.design.col(1);
  EXPECT_THROW(fit_mixed_logistic(data), Error);
}

/// The study's sample and effect sizes: log odds .21 for the previous rank, .22 for the outcome.
TEST(MixedLogistic, RecoversTheReportedOddsRatios) {
  constexpr int kPeople = 42, kTrials = 50;
  const CounterRandom random(12, 1);
  std::vector<StayTrial> trials;
  uint64_t at = 0;
  for (int person = 0; person < kPeople; ++person) {
    const double u0 = 0.6 * random.normal(at++), u1 = 0.15 * random.normal(at++),
                 u2 = 0.15 * random.normal(at++);
    for (int t = 0; t < kTrials; ++t) {
      const double rank = random.normal(at++), outcome = random.uniform(at++) < 0.6 ? 0.8 : -1.2;
      const double odds = 0.5 + u0 + (0.21 + u1) * rank + (0.22 + u2) * outcome;
      trials.push_back({person, random.uniform(at++) < 1 / (1 + std::exp(-odds)), rank, outcome});
    }
  }
  const MixedLogisticFit fit = fit_mixed_logistic(stay_switch_data(trials, Standardise::none));
  EXPECT_NEAR(fit.effects[1], 0.21, 2 * fit.standard_error[1]);
  EXPECT_NEAR(fit.effects[2], 0.22, 2 * fit.standard_error[2]);
  EXPECT_GT(fit.standard_error[1], 0.03);
  EXPECT_LT(fit.standard_error[1], 0.09);  // the study's: .06 and .05
}

TEST(StayTrials, LookForTheNextOffer) {
  //                            left right chosen rank outcome
  const Participant p{"01",
                      {"A", "B", "C"},
                      {{0, {0, 1}, 0, 2, 1},
                       {0, {1, 2}, 2, kMissing, 0},
                       {0, {0, 2}, 2, 7, 0},
                       {0, {0, 1}, -1},
                       {0, {2, 0}, 0, 3, 1}}};
  const auto trials = stay_trials(p, 4, {});
  // Round 1: A again in round 3, abandoned. Round 2: rank hidden. Round 3: C again in round 5,
  // abandoned (round 4 had no response). Round 5: never offered again.
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_FALSE(trials[0].stay);
  EXPECT_TRUE(close_number(trials[0].rank, 2.5, 1e-15));
  EXPECT_TRUE(close_number(trials[0].outcome, 0.5, 1e-15));
  EXPECT_FALSE(trials[1].stay);
  EXPECT_TRUE(close_number(trials[1].rank, -2.5, 1e-15));
  EXPECT_EQ(trials[1].participant, 4);
  LearningSettings settings;
  settings.repetition = Repetition::previous_round;
  EXPECT_EQ(stay_trials(p, 4, settings).size(), 1u);  // round 3 to round 5
}

TEST(RepeatedMeasures, AreThoseOfAov) {
  const Eigen::MatrixXd table = tsv_values(golden("r/lme4/ratings_data.tsv"));
  // Rows of a person: rank low, outcome low and high; rank high, outcome low and high.
  Eigen::MatrixXd cells(table.rows() / 4, 4);
  for (Eigen::Index i = 0; i < table.rows(); ++i) cells(i / 4, i % 4) = table(i, 3);
  const RepeatedMeasuresAnova a = repeated_measures_anova(cells);
  for (Eigen::Index c = 0; c < 4; ++c)
    EXPECT_TRUE(close_number(a.cell_means[c], cells.col(c).sum() / double(cells.rows()), 1e-12));
  const Eigen::MatrixXd r = tsv_values(golden("r/lme4/ratings_anova.tsv"), 1);
  const RepeatedMeasuresEffect* effects[] = {&a.first, &a.second, &a.interaction};
  for (int e = 0; e < 3; ++e) {
    EXPECT_TRUE(close_number(effects[e]->f, r(e, 0), 1e-10));
    EXPECT_TRUE(close_number(effects[e]->dof2, r(e, 2), 1e-15));
    EXPECT_TRUE(close_number(effects[e]->p, r(e, 3), 1e-9));
    EXPECT_TRUE(close_number(effects[e]->partial_eta_squared, r(e, 4), 1e-10));
  }
}

}  // namespace
}  // namespace sociometer::testing
