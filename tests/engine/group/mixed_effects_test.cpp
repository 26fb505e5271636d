#include "engine/group/mixed_effects.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using testing::close_by_column;

Eigen::MatrixXd row(std::initializer_list<double> values) {
  Eigen::MatrixXd c(1, Index(values.size()));
  std::copy(values.begin(), values.end(), c.data());
  return c;
}

const testing::GroupGolden& group() {
  static const testing::GroupGolden data;
  return data;
}

/// Proportion of voxels in which both agree within `tolerance` times the value or `floor`.
double share_close(const Eigen::VectorXd& a, const Eigen::VectorXd& b, double tolerance,
                   double floor) {
  const Eigen::ArrayXd scale = b.array().abs().max(floor);
  return ((a - b).array().abs() <= tolerance * scale).cast<double>().mean();
}

/// The restricted likelihood, written out.
double restricted(const Eigen::VectorXd& y, const Eigen::VectorXd& v, const Eigen::MatrixXd& x,
                  double tau2) {
  const Eigen::VectorXd w = (v.array() + tau2).inverse();
  const Eigen::MatrixXd a = x.transpose() * w.asDiagonal() * x;
  const Eigen::VectorXd r = y - x * a.ldlt().solve(x.transpose() * (w.asDiagonal() * y));
  return 0.5 * w.array().log().sum() - 0.5 * std::log(a.determinant()) -
         0.5 * (w.array() * r.array().square()).sum();
}

// FLAME computes its energy in float32: tau2 is accurate to about 1e-3 and never exactly 0.
constexpr double kFlame = 2e-3;

TEST(MixedEffects, OneSampleEqualsFlame1) {
  const auto maps =
      fit_mixed_effects(group().effects, group().variances, group().one_sample(), {row({1})});
  const std::string folder = "fsl/group/one_flame1/";
  EXPECT_TRUE(close_by_column(maps.contrasts[0].effect.row(0).transpose(),
                              group().map(folder + "cope1.nii.gz"), 1e-3));
  EXPECT_TRUE(close_by_column(maps.contrasts[0].variance.row(0).transpose(),
                              group().map(folder + "varcope1.nii.gz"), 5e-3));
  EXPECT_TRUE(
      close_by_column(maps.contrasts[0].statistic, group().map(folder + "tstat1.nii.gz"), 1e-3));
  EXPECT_TRUE(close_by_column(maps.contrasts[0].z, group().map(folder + "zstat1.nii.gz"), 1e-3));
  EXPECT_TRUE(close_by_column(maps.tau2.row(0).transpose(),
                              group().map(folder + "mean_random_effects_var1.nii.gz"), 5e-3));
  EXPECT_GT(share_close(maps.tau2.row(0).transpose(),
                        group().map(folder + "mean_random_effects_var1.nii.gz"), kFlame, 0.5),
            0.99);
  EXPECT_EQ(maps.dof.minCoeff(), 15);
}

TEST(MixedEffects, CovariateAndFEqualFlame1) {
  const Eigen::MatrixXd design = testing::fsl_matrix(testing::golden("fsl/group/age16.mat"));
  const auto maps = fit_mixed_effects(group().effects, group().variances, design,
                                      {row({1, 0}), row({0, 1}), Eigen::MatrixXd::Identity(2, 2)});
  const std::string folder = "fsl/group/age_flame1/";
  for (int c = 0; c < 2; ++c) {
    const std::string k = std::to_string(c + 1) + ".nii.gz";
    EXPECT_TRUE(close_by_column(maps.contrasts[size_t(c)].effect.row(0).transpose(),
                                group().map(folder + "cope" + k), 1e-3));
    EXPECT_TRUE(close_by_column(maps.contrasts[size_t(c)].statistic,
                                group().map(folder + "tstat" + k), 2e-3));
    EXPECT_GT(share_close(maps.contrasts[size_t(c)].statistic, group().map(folder + "tstat" + k),
                          1e-3, 0.5),
              0.99);
  }
  EXPECT_TRUE(
      close_by_column(maps.contrasts[2].statistic, group().map(folder + "fstat1.nii.gz"), 1e-3));
  EXPECT_TRUE(close_by_column(maps.contrasts[2].z, group().map(folder + "zfstat1.nii.gz"), 2e-3));
}

TEST(MixedEffects, VarianceGroupsEqualFlame1) {
  const Eigen::MatrixXd design = testing::fsl_matrix(testing::golden("fsl/group/two16.mat"));
  MixedOptions options;
  options.variance_groups = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
  const auto maps =
      fit_mixed_effects(group().effects, group().variances, design, {row({1, -1})}, options);
  const std::string folder = "fsl/group/two_flame1_2grpvar/";
  for (int g = 0; g < 2; ++g) {
    const Eigen::VectorXd flame =
        group().map(folder + "mean_random_effects_var" + std::to_string(g + 1) + ".nii.gz");
    EXPECT_GT(share_close(maps.tau2.row(g).transpose(), flame, 3e-3, 0.1), 0.98) << "group " << g;
    // Where the likelihood is flat, FLAME stops early: ours is nowhere less likely.
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(8);
    for (Index v = 0; v < flame.size(); ++v) {
      const auto y = group().effects.col(v).segment(8 * g, 8),
                 s = group().variances.col(v).segment(8 * g, 8);
      EXPECT_GE(restricted(y, s, ones, maps.tau2(g, v)), restricted(y, s, ones, flame[v]) - 1e-9);
    }
  }
  const Eigen::VectorXd t = group().map(folder + "tstat1.nii.gz");
  EXPECT_TRUE(close_by_column(maps.contrasts[0].statistic, t, 4e-3));
  EXPECT_GT(share_close(maps.contrasts[0].statistic, t, 1e-3, 0.5), 0.99);
}

/// Very different variances cause several maxima, some with one group at 0.
TEST(MixedEffects, NoPlaceOfAGridIsMoreLikelyForTwoGroups) {
  constexpr Index kVoxels = 400, kEach = 6;
  Eigen::MatrixXd effects(2 * kEach, kVoxels), variances(2 * kEach, kVoxels);
  for (Index i = 0; i < 2 * kEach; ++i) {
    const CounterRandom random(31, uint64_t(i));
    for (Index v = 0; v < kVoxels; ++v) {
      variances(i, v) = std::exp(2 * random.normal(uint64_t(2 * v)));
      effects(i, v) =
          std::sqrt(variances(i, v) + (i < kEach ? 0.3 : 3)) * random.normal(uint64_t(2 * v + 1));
    }
  }
  MixedOptions options;
  options.variance_groups = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const auto maps = fit_mixed_effects(effects, variances, Eigen::MatrixXd::Ones(2 * kEach, 1),
                                      {row({1})}, options);
  const auto likelihood = [&](Index v, double a, double b) {
    double weights = 0, mean = 0, logs = 0, squares = 0;
    const auto w = [&](Index i) { return 1 / (variances(i, v) + (i < kEach ? a : b)); };
    for (Index i = 0; i < 2 * kEach; ++i) {
      weights += w(i);
      mean += w(i) * effects(i, v);
      logs += std::log(w(i));
    }
    for (Index i = 0; i < 2 * kEach; ++i)
      squares += w(i) * std::pow(effects(i, v) - mean / weights, 2);
    return 0.5 * (logs - std::log(weights) - squares);
  };
  int worse = 0;
  for (Index v = 0; v < kVoxels; ++v) {
    double best = -1e300;
    for (int i = 0; i < 40; ++i)
      for (int j = 0; j < 40; ++j)
        best = std::max(best, likelihood(v, i == 0 ? 0 : std::exp(-6 + 0.28 * i),
                                         j == 0 ? 0 : std::exp(-6 + 0.28 * j)));
    worse += likelihood(v, maps.tau2(0, v), maps.tau2(1, v)) < best - 1e-6;
  }
  EXPECT_EQ(worse, 0);
}

TEST(MixedEffects, FixedEffectsEqualFslAndZIsTWhenVariancesAreKnown) {
  MixedOptions options;
  options.between = BetweenVariance::none;
  options.fixed_dof = 1000;  // flameo's
  const auto maps = fit_mixed_effects(group().effects, group().variances, group().one_sample(),
                                      {row({1})}, options);
  EXPECT_TRUE(close_by_column(maps.contrasts[0].statistic,
                              group().map("fsl/group/one_fe/tstat1.nii.gz"), 1e-6));
  EXPECT_TRUE(
      close_by_column(maps.contrasts[0].z, group().map("fsl/group/one_fe/zstat1.nii.gz"), 2e-4));
  options.fixed_dof = std::numeric_limits<double>::infinity();
  const auto known = fit_mixed_effects(group().effects, group().variances, group().one_sample(),
                                       {row({1})}, options);
  EXPECT_TRUE(close_by_column(known.contrasts[0].z, known.contrasts[0].statistic, 0));
}

/// 3dMEMA uses REML in some voxels and the moment estimator in others, and its I2 has n - 2 where
/// Higgins & Thompson have n - 1.
TEST(MixedEffects, EqualAfni3dMemaWithKnappHartung) {
  const Mask mask = read_mask(testing::golden("afni/group/in_mask.nii.gz"));
  testing::GroupGolden reader;
  reader.mask = mask;
  const Eigen::MatrixXd effects = reader.read("afni/group/in_subA%02d.nii.gz", 12),
                        t = reader.read("afni/group/in_tA%02d.nii.gz", 12);
  const Eigen::MatrixXd variances = (effects.array() / t.array()).square();
  const Eigen::MatrixXd mema =
      testing::masked(testing::golden("afni/group/mema_1samp.nii.gz"), mask);
  MixedOptions options;
  options.knapp_hartung = true;
  const Eigen::MatrixXd design = Eigen::MatrixXd::Ones(12, 1);
  const auto reml = fit_mixed_effects(effects, variances, design, {row({1})}, options);
  options.between = BetweenVariance::dersimonian_laird;
  const auto moments = fit_mixed_effects(effects, variances, design, {row({1})}, options);
  int voxels = 0, by_reml = 0, neither = 0;
  for (Index v = 0; v < mask.n_voxels(); ++v) {
    if (reml.n[v] != 12) continue;
    ++voxels;
    const double tau = mema(v, 3);
    EXPECT_NEAR(reml.q[v], mema(v, 4), 1e-5 * mema(v, 4));
    EXPECT_NEAR(moments.q[v], mema(v, 4), 1e-5 * mema(v, 4));
    if (std::abs(std::sqrt(reml.tau2(0, v)) - tau) < 1e-4) {
      ++by_reml;
      EXPECT_NEAR(reml.contrasts[0].effect(0, v), mema(v, 0), 1e-4);
      EXPECT_NEAR(reml.contrasts[0].statistic[v], mema(v, 1), 1e-3 * std::abs(mema(v, 1)) + 1e-4);
      const double i2 = reml.i2[v] / (reml.i2[v] + (1 - reml.i2[v]) * 10.0 / 11.0);
      EXPECT_NEAR(i2, mema(v, 2), 1e-3);
    } else if (std::abs(std::sqrt(moments.tau2(0, v)) - tau) > 1e-4) {
      ++neither;  // 3dMEMA's scoring had not converged
      EXPECT_GE(restricted(effects.col(v), variances.col(v), design, reml.tau2(0, v)),
                restricted(effects.col(v), variances.col(v), design, tau * tau));
    }
  }
  EXPECT_GT(voxels, 1600);
  EXPECT_GT(by_reml, voxels / 3);
  EXPECT_LT(neither, voxels / 100);
}

TEST(MixedEffects, NoPlaceOnADenseGridIsMoreLikely) {
  const Eigen::MatrixXd design = testing::fsl_matrix(testing::golden("fsl/group/age16.mat"));
  const auto maps = fit_mixed_effects(group().effects, group().variances, design, {});
  int worse = 0, voxels = 0;
  for (Index v = 0; v < group().effects.cols(); v += 7, ++voxels) {
    const auto y = group().effects.col(v), s = group().variances.col(v);
    const double ours = restricted(y, s, design, maps.tau2(0, v));
    for (double tau2 = 1e-6; tau2 < 20; tau2 *= 1.1)
      if (restricted(y, s, design, tau2) > ours + 1e-9) {
        ++worse;
        break;
      }
  }
  EXPECT_GT(voxels, 500);
  EXPECT_EQ(worse, 0);
}

TEST(MixedEffects, NoPlaceIsMoreLikelyInTwentyOneRealStudies) {
  SOCIOMETER_NEEDS_DATA(folder, "nimare_pain21");
  const Mask mask = read_mask(folder + "/mask.nii.gz");
  Eigen::MatrixXd effects(21, mask.n_voxels()), variances(21, mask.n_voxels());
  for (int i = 1; i <= 21; ++i) {
    char name[60];
    std::snprintf(name, sizeof name, "/pain_%02d_", i);
    effects.row(i - 1) = testing::masked(folder + name + "beta.nii.gz", mask).col(0).transpose();
    variances.row(i - 1) =
        testing::masked(folder + name + "se.nii.gz", mask).col(0).array().square().transpose();
  }
  const Eigen::MatrixXd design = Eigen::MatrixXd::Ones(21, 1);
  const auto maps = fit_mixed_effects(effects, variances, design, {row({1})});
  int voxels = 0;
  for (Index v = 0; v < mask.n_voxels(); v += 3) {
    if (maps.n[v] != 21) continue;
    ++voxels;
    const double ours = restricted(effects.col(v), variances.col(v), design, maps.tau2(0, v));
    for (double tau2 = 1e-8; tau2 < 1e4; tau2 *= 1.2)
      EXPECT_LE(restricted(effects.col(v), variances.col(v), design, tau2), ours + 1e-9)
          << "voxel " << v << " tau2 " << tau2 << " ours " << maps.tau2(0, v);
  }
  EXPECT_GT(voxels, 50);
}

/// Participants of unequal precision and a between-participant variance: false-positive rate.
TEST(MixedEffects, KeepTheirLevel) {
  const CounterRandom random(11, 2);
  Eigen::MatrixXd y(20, 20000), v(20, 20000);
  for (Index i = 0; i < y.size(); ++i) {
    v.data()[i] = 0.1 + 2 * random.uniform(uint64_t(2 * i));
    y.data()[i] = std::sqrt(v.data()[i] + 1) * random.normal(uint64_t(2 * i + 1));
  }
  for (const bool knapp_hartung : {false, true}) {
    MixedOptions options;
    options.knapp_hartung = knapp_hartung;
    const auto maps = fit_mixed_effects(y, v, Eigen::MatrixXd::Ones(20, 1), {row({1})}, options);
    // The standard error of a rate of .05 is .0015 here.
    EXPECT_NEAR((maps.contrasts[0].p.array() < 0.05).cast<double>().mean(), 0.05, 0.006);
  }
}

TEST(MixedEffects, EqualVariancesGiveOrdinaryLeastSquares) {
  // With the same v for all, v + tau2 is the residual variance wherever that exceeds v.
  const Eigen::MatrixXd small = Eigen::MatrixXd::Constant(16, group().effects.cols(), 1e-9);
  const auto maps = fit_mixed_effects(group().effects, small, group().one_sample(), {row({1})});
  for (Index v = 0; v < group().effects.cols(); v += 50) {
    const Eigen::ArrayXd y = group().effects.col(v);
    const double se = std::sqrt((y - y.mean()).square().sum() / 15 / 16);
    EXPECT_TRUE(testing::close_number(maps.contrasts[0].statistic[v], y.mean() / se, 1e-8));
  }
}

TEST(MixedEffects, AbsentParticipantsAreAsIfTheyWereNotThere) {
  Eigen::MatrixXd effects = group().effects.leftCols(20),
                  variances = group().variances.leftCols(20);
  effects(3, 0) = kNaN;
  variances(3, 1) = 0;
  variances(3, 2) = std::numeric_limits<double>::infinity();
  variances(3, 3) = -1;
  for (Index i = 0; i < 15; ++i) effects(i, 4) = kNaN;
  const auto maps = fit_mixed_effects(effects, variances, group().one_sample(), {row({1})});
  std::vector<Index> others;
  for (Index i = 0; i < 16; ++i)
    if (i != 3) others.push_back(i);
  const auto without = fit_mixed_effects(group().effects.leftCols(20)(others, Eigen::all),
                                         group().variances.leftCols(20)(others, Eigen::all),
                                         Eigen::MatrixXd::Ones(15, 1), {row({1})});
  for (Index v = 0; v < 4; ++v) {
    EXPECT_EQ(maps.n[v], 15);
    EXPECT_EQ(maps.dof[v], 14);
    EXPECT_TRUE(testing::close_number(maps.contrasts[0].z[v], without.contrasts[0].z[v], 1e-9));
  }
  EXPECT_EQ(maps.status[4], GroupStatus::too_few);
  EXPECT_TRUE(std::isnan(maps.contrasts[0].z[4]));
  EXPECT_EQ(maps.status[5], GroupStatus::ok);
}

TEST(MixedEffects, VoxelsWithTooFewOrADeficientDesignAreNaNAndReported) {
  Eigen::MatrixXd effects = group().effects.leftCols(9);
  const Eigen::MatrixXd variances = group().variances.leftCols(9);
  const Eigen::MatrixXd design = testing::fsl_matrix(testing::golden("fsl/group/two16.mat"));
  for (Index i = 0; i < 8; ++i) effects(i, 2) = kNaN;  // group 1 is not there
  effects(0, 3) = effects(9, 3) = kNaN;
  for (const bool grouped : {false, true}) {
    MixedOptions options;
    options.min_participants = 15;
    if (grouped) options.variance_groups = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    auto maps = fit_mixed_effects(effects, variances, design, {row({1, -1})}, options);
    EXPECT_EQ(maps.status[3], GroupStatus::too_few);
    EXPECT_EQ(maps.status[0], GroupStatus::ok);
    options.min_participants = 0;
    maps = fit_mixed_effects(effects, variances, design, {row({1, -1})}, options);
    EXPECT_EQ(maps.status[2], GroupStatus::not_estimable);
    EXPECT_TRUE(std::isnan(maps.contrasts[0].statistic[2]));
    EXPECT_EQ(maps.status[3], GroupStatus::ok);
    EXPECT_EQ(maps.dof[3], 12);
  }
}

TEST(MixedEffects, OneAndTwoGroupsOfTheSameVarianceAgree) {
  // The grouped path with a single group is the obvious twin of the tiles.
  const Eigen::MatrixXd design = testing::fsl_matrix(testing::golden("fsl/group/age16.mat"));
  const auto tiles = fit_mixed_effects(group().effects.leftCols(300),
                                       group().variances.leftCols(300), design, {row({0, 1})});
  MixedOptions options;
  options.variance_groups.assign(16, 1);  // group 0 is empty
  const auto grouped =
      fit_mixed_effects(group().effects.leftCols(300), group().variances.leftCols(300), design,
                        {row({0, 1})}, options);
  EXPECT_TRUE(
      close_by_column(tiles.tau2.row(0).transpose(), grouped.tau2.row(1).transpose(), 1e-7));
  EXPECT_TRUE(close_by_column(tiles.contrasts[0].z, grouped.contrasts[0].z, 1e-7));
  EXPECT_TRUE(close_by_column(tiles.i2, grouped.i2, 1e-7));
}

TEST(MixedEffects, BytesDoNotDependOnThreads) {
  MixedOptions options;
  const auto one = fit_mixed_effects(group().effects, group().variances, group().one_sample(),
                                     {row({1})}, options);
  options.n_threads = 3;
  const auto three = fit_mixed_effects(group().effects, group().variances, group().one_sample(),
                                       {row({1})}, options);
  EXPECT_TRUE(testing::same_bits(one.contrasts[0].z, three.contrasts[0].z));
  EXPECT_TRUE(testing::same_bits(one.tau2, three.tau2));
}

TEST(MixedEffects, RefusesWhatDoesNotFit) {
  const Eigen::MatrixXd y = Eigen::MatrixXd::Ones(4, 3), x = Eigen::MatrixXd::Ones(4, 1);
  EXPECT_THROW(fit_mixed_effects(y, Eigen::MatrixXd::Ones(4, 2), x, {}), Error);
  EXPECT_THROW(fit_mixed_effects(y, y, Eigen::MatrixXd::Ones(5, 1), {}), Error);
  EXPECT_THROW(fit_mixed_effects(y, y, Eigen::MatrixXd::Ones(4, 2), {}), Error);
  EXPECT_THROW(fit_mixed_effects(y, y, Eigen::MatrixXd::Identity(4, 4), {}), Error);
  EXPECT_THROW(fit_mixed_effects(y, y, x, {row({1, 0})}), Error);
}

}  // namespace
}  // namespace sociometer
