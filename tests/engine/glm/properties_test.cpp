// Properties that must hold for any data: checked on random ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

struct Problem {
  Eigen::MatrixXd x, y;
};

Problem random_problem(uint64_t seed, Eigen::Index n_scans, Eigen::Index n_columns,
                       Eigen::Index n_voxels) {
  const CounterRandom random(seed, 1);
  Problem p{Eigen::MatrixXd(n_scans, n_columns), Eigen::MatrixXd(n_scans, n_voxels)};
  uint64_t at = 0;
  for (double& v : p.x.reshaped()) v = random.normal(at++);
  p.x.col(n_columns - 1).setOnes();
  for (double& v : p.y.reshaped()) v = 500 + 20 * random.normal(at++);
  return p;
}

Problem any_problem() {
  const auto seed = *rc::gen::inRange<uint64_t>(1, 1u << 30);
  const auto columns = *rc::gen::inRange<Eigen::Index>(2, 7);
  return random_problem(seed, columns + *rc::gen::inRange<Eigen::Index>(12, 50), columns,
                        *rc::gen::inRange<Eigen::Index>(1, 4));
}

const NoiseModel kOls = parse_noise_model("ols"), kAr1 = parse_noise_model("ar1"),
                 kAr3 = parse_noise_model("ar3");

#define EXPECT_PROPERTY(result)               \
  do {                                        \
    const auto outcome = (result);            \
    if (!outcome) RC_FAIL(outcome.message()); \
  } while (false)

RC_GTEST_PROP(OlsFit, LeavesResidualsOrthogonalToTheDesign, ()) {
  const Problem p = any_problem();
  const auto fit = testing::fit_series(p.x, p.y, kOls);
  const Eigen::MatrixXd residuals = p.y - p.x * fit.estimates.betas;
  RC_ASSERT((p.x.transpose() * residuals).cwiseAbs().maxCoeff() < 1e-8);
  EXPECT_PROPERTY(testing::close_relative(
      fit.estimates.residual_variance,
      residuals.colwise().squaredNorm().transpose() / fit.estimates.dof, 1e-9));
}

RC_GTEST_PROP(ArFit, DoesNotDependOnHowTheDesignIsWritten, ()) {
  const Problem p = any_problem();
  const CounterRandom random(*rc::gen::inRange<uint64_t>(1, 1000), 2);
  Eigen::MatrixXd mix(p.x.cols(), p.x.cols());
  uint64_t at = 0;
  for (double& v : mix.reshaped()) v = random.normal(at++);
  mix += 5 * Eigen::MatrixXd::Identity(p.x.cols(), p.x.cols());
  const auto a = testing::fit_series(p.x, p.y, kAr3), b = testing::fit_series(p.x * mix, p.y, kAr3);
  EXPECT_PROPERTY(
      testing::close_relative(b.estimates.residual_variance, a.estimates.residual_variance, 1e-7));
  EXPECT_PROPERTY(testing::close_by_column(mix * b.estimates.betas, a.estimates.betas, 1e-7));
}

RC_GTEST_PROP(ArFit, ScalesWithTheSignal, ()) {
  const Problem p = any_problem();
  const auto a = testing::fit_series(p.x, p.y, kAr1), b = testing::fit_series(p.x, 8 * p.y, kAr1);
  EXPECT_PROPERTY(testing::close_by_column(b.estimates.betas, 8 * a.estimates.betas, 1e-12));
  EXPECT_PROPERTY(testing::close_relative(b.estimates.residual_variance,
                                          64 * a.estimates.residual_variance, 1e-12));
}

RC_GTEST_PROP(ArFit, FollowsAPermutationOfVoxels, ()) {
  const Problem p = any_problem();
  const auto a = testing::fit_series(p.x, p.y, kAr1),
             b = testing::fit_series(p.x, p.y.rowwise().reverse(), kAr1);
  EXPECT_PROPERTY(testing::same_bits(b.estimates.betas.rowwise().reverse(), a.estimates.betas));
}

RC_GTEST_PROP(FContrast, OfOneRowIsTSquared, ()) {
  const Problem p = any_problem();
  Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, p.x.cols());
  row(0, 0) = 1;
  row(0, 1) = -2;
  const auto fit = testing::fit_series(p.x, p.y, kAr1, {row});
  ResolvedContrast c;
  c.rows = {row};
  c.why_not = {""};
  const auto t = combine_runs(c, {&fit.values[0]}, {fit.estimates.dof}, FixedEffects::precision, 1);
  c.spec.kind = ContrastKind::F;
  const auto f = combine_runs(c, {&fit.values[0]}, {fit.estimates.dof}, FixedEffects::precision, 1);
  EXPECT_PROPERTY(testing::close_relative(f.statistic, t.statistic.cwiseAbs2(), 1e-9));
}

RC_GTEST_PROP(FixedEffects, OfTheSameRunTwiceHalveTheVariance, ()) {
  const Problem p = any_problem();
  Eigen::MatrixXd rows = Eigen::MatrixXd::Identity(2, p.x.cols());
  const auto fit = testing::fit_series(p.x, p.y, kOls, {rows});
  ResolvedContrast c;
  c.spec.kind = ContrastKind::F;
  c.rows = {rows, rows};
  c.why_not = {"", ""};
  for (FixedEffects how : {FixedEffects::precision, FixedEffects::equal}) {
    const auto one =
        combine_runs({c.spec, {rows}, {""}}, {&fit.values[0]}, {fit.estimates.dof}, how, 1);
    const auto two = combine_runs(c, {&fit.values[0], &fit.values[0]},
                                  {fit.estimates.dof, fit.estimates.dof}, how, 1);
    EXPECT_PROPERTY(testing::close_by_column(two.effect, one.effect, 1e-10));
    EXPECT_PROPERTY(testing::close_by_column(two.variance, one.variance / 2, 1e-10));
    EXPECT_PROPERTY(testing::close_relative(two.statistic, 2 * one.statistic, 1e-9));
    RC_ASSERT(two.dof == 2 * one.dof);
  }
}

TEST(ArFit, ThreadCountsGiveTheSameBits) {
  const Problem p = random_problem(5, 80, 6, 3000);
  Eigen::MatrixXd row = Eigen::MatrixXd::Identity(1, 6);
  const auto one = testing::fit_series(p.x, p.y, kAr3, {row}, Scaling::psc, {}, 1);
  for (int threads : {2, 7}) {
    const auto more = testing::fit_series(p.x, p.y, kAr3, {row}, Scaling::psc, {}, threads);
    EXPECT_TRUE(testing::same_bits(more.estimates.betas, one.estimates.betas));
    EXPECT_TRUE(
        testing::same_bits(more.estimates.residual_variance, one.estimates.residual_variance));
    EXPECT_TRUE(testing::same_bits(more.estimates.noise, one.estimates.noise));
    EXPECT_TRUE(testing::same_bits(more.values[0].unit_covariance, one.values[0].unit_covariance));
  }
}

TEST(LagSums, KeepTheirDigitsOnAMeanOfTenThousand) {
  Problem p = random_problem(6, 300, 8, 200);
  const auto small = testing::fit_series(p.x, p.y, kAr1);
  p.y.array() += 1e4 - 500;
  const auto large = testing::fit_series(p.x, p.y, kAr1);
  EXPECT_TRUE(testing::close_relative(large.estimates.residual_variance,
                                      small.estimates.residual_variance, 1e-9));
  EXPECT_TRUE(testing::close_relative(large.estimates.betas.topRows(7),
                                      small.estimates.betas.topRows(7), 1e-9, 1));
}

TEST(LagSums, KeepTheirDigitsBesideAFirstScanFarFromTheRest) {
  Problem p = random_problem(6, 120, 5, 100);
  p.x.col(4).setZero();
  p.x(0, 4) = 1;  // an indicator for that scan in the design
  p.y.array() += 1e6 - 500;
  const auto near = testing::fit_series(p.x, p.y, kOls);
  p.y.row(0).setZero();
  const auto far = testing::fit_series(p.x, p.y, kOls);
  EXPECT_TRUE(testing::close_relative(far.estimates.residual_variance,
                                      near.estimates.residual_variance, 1e-6));
}

TEST(Scaling, PercentSignalChangeEqualsScalingTheSeries) {
  const Problem p = random_problem(8, 60, 4, 20);
  const Eigen::RowVectorXd means = p.y.colwise().mean();
  const Eigen::MatrixXd scaled = 100 * ((p.y.array().rowwise() / means.array()) - 1).matrix();
  for (const NoiseModel& model : {kOls, kAr1}) {
    const auto a = testing::fit_series(p.x, p.y, model, {}, Scaling::psc),
               b = testing::fit_series(p.x, scaled, model);
    EXPECT_TRUE(testing::close_relative(a.estimates.betas, b.estimates.betas, 1e-9, 1));
    EXPECT_TRUE(testing::close_relative(a.estimates.residual_variance,
                                        b.estimates.residual_variance, 1e-9));
    const auto g = testing::fit_series(p.x, p.y, model, {}, Scaling::grand),
               h = testing::fit_series(p.x, 100 / p.y.mean() * p.y, model);
    EXPECT_TRUE(testing::close_relative(g.estimates.betas, h.estimates.betas, 1e-9, 1));
  }
}

TEST(Scaling, RefusesAGrandMeanThatNothingCanBeAPercentageOf) {
  Problem p = random_problem(8, 60, 4, 20);
  p.y.array() -= 505;
  EXPECT_THROW(testing::fit_series(p.x, p.y, kOls, {}, Scaling::grand), Error);
  p.y.rowwise() -= Eigen::RowVectorXd(p.y.colwise().mean());
  EXPECT_THROW(testing::fit_series(p.x, p.y, kOls, {}, Scaling::grand), Error);
  const auto fit = testing::fit_series(p.x, p.y, kOls, {}, Scaling::psc);
  for (VoxelStatus status : fit.estimates.status) EXPECT_EQ(status, VoxelStatus::non_positive_mean);
}

class VoxelJudge : public ::testing::TestWithParam<const char*> {};

// One model that follows from sums in one pass, and some that keep the series.
TEST_P(VoxelJudge, ReportsWhyAVoxelHasNoStatistics) {
  Problem p = random_problem(9, 30, 3, 7);
  p.y(4, 1) = NAN;
  p.y(29, 2) = INFINITY;
  p.y.col(3).setZero();
  p.y.col(4).setConstant(7.3);
  p.y.col(5) = p.x * Eigen::Vector3d(3, -2, 100);
  p.y.col(6) *= -1;
  NoiseModel model = parse_noise_model(GetParam());
  model.tukey_lags = 5;
  const Eigen::MatrixXd row = Eigen::MatrixXd::Identity(1, 3);
  const auto fit = testing::fit_series(p.x, p.y, model, {row}, Scaling::psc);
  const std::vector<VoxelStatus> expected{VoxelStatus::ok,
                                          VoxelStatus::non_finite,
                                          VoxelStatus::non_finite,
                                          VoxelStatus::all_zero,
                                          VoxelStatus::constant,
                                          VoxelStatus::no_residual,
                                          VoxelStatus::non_positive_mean};
  EXPECT_EQ(fit.estimates.status, expected);
  for (Eigen::Index v : {1, 2, 3, 4, 6}) {
    EXPECT_TRUE(fit.estimates.betas.col(v).array().isNaN().all()) << v;
    EXPECT_TRUE(std::isnan(fit.estimates.residual_variance[v])) << v;
    EXPECT_TRUE(fit.values[0].effect.col(v).array().isNaN().all()) << v;
  }
}

TEST_P(VoxelJudge, KeepsTheBetasOfAVoxelWithoutResidual) {
  Problem p = random_problem(9, 30, 3, 70);
  const Eigen::Vector3d betas(3, -2, 100);
  p.y.col(66) = p.x * betas;
  NoiseModel model = parse_noise_model(GetParam());
  model.tukey_lags = 5;
  const Eigen::MatrixXd row = Eigen::MatrixXd::Identity(1, 3);
  const auto fit = testing::fit_series(p.x, p.y, model, {row});
  EXPECT_EQ(fit.estimates.status[66], VoxelStatus::no_residual);
  EXPECT_TRUE(testing::close_relative(fit.estimates.betas.col(66), betas, 1e-9, 1));
  EXPECT_EQ(fit.estimates.residual_variance[66], 0);
  EXPECT_NEAR(fit.estimates.r_squared[66], 1, 1e-9);
  ResolvedContrast contrast{{}, {row}, {""}};
  const auto maps =
      combine_runs(contrast, {&fit.values[0]}, {fit.estimates.dof}, FixedEffects::precision, 1);
  EXPECT_TRUE(std::isnan(maps.z[66]));
  EXPECT_TRUE(std::isfinite(maps.z[65]));
}

INSTANTIATE_TEST_SUITE_P(Models, VoxelJudge,
                         ::testing::Values("ols", "ar1", "ar4-averaged", "arma11", "tukey"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(VoxelStatus, CountsTheSpreadAboutTheMeanWhereverARunIsCut) {
  // Far from their mean in the first scans, about whose mean the sums of squares are kept.
  const CounterRandom random(3, 8);
  Eigen::MatrixXd y(60, 2);
  for (Eigen::Index i = 0; i < y.size(); ++i) y.data()[i] = random.normal(uint64_t(i));
  y.topRows(7).array() += 5;
  y.rowwise() -= Eigen::RowVectorXd(y.colwise().mean());
  const double spread = std::sqrt(y.col(0).squaredNorm() / 60);
  y.col(0).array() += 1.1e-3 * spread;
  y.col(1).array() += 0.5e-3 * spread;
  const std::vector<VoxelStatus> expected{VoxelStatus::ok, VoxelStatus::non_positive_mean};
  for (const char* name : {"ols", "arma11"})
    EXPECT_EQ(testing::fit_series(Eigen::MatrixXd::Ones(60, 1), y, parse_noise_model(name), {},
                                  Scaling::psc)
                  .estimates.status,
              expected)
        << name;
}

TEST(Fits, OfADesignThatExplainsNothingHaveTheWholeSeriesForResidual) {
  const CounterRandom random(3, 8);
  Eigen::MatrixXd y(60, 2);
  for (Eigen::Index i = 0; i < y.size(); ++i) y.data()[i] = random.normal(uint64_t(i));
  for (const char* name : {"ols", "ar1", "ar4", "ar4-averaged", "arma11"}) {
    const auto fit = testing::fit_series(Eigen::MatrixXd::Zero(60, 1), y, parse_noise_model(name));
    EXPECT_GT(fit.estimates.dof, 50) << name;
    for (Eigen::Index v = 0; v < 2; ++v) {
      EXPECT_EQ(fit.estimates.betas(0, v), 0) << name;
      EXPECT_NEAR(fit.estimates.residual_variance[v], 1, 0.4) << name;
    }
  }
}

}  // namespace
}  // namespace sociometer
