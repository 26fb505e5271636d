#include "engine/stats/effect_sizes.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

TEST(EffectSizes, NoncentralityEqualsRs) {
  const Eigen::MatrixXd cases = testing::tsv_values(testing::golden("r/stats/noncentrality.tsv"));
  ASSERT_GT(cases.rows(), 100);
  for (Eigen::Index i = 0; i < cases.rows(); ++i)
    EXPECT_TRUE(close_number(noncentrality_from_t(cases(i, 0), cases(i, 1), cases(i, 2)),
                             cases(i, 3), 1e-7, 1))
        << "t " << cases(i, 0) << " dof " << cases(i, 1) << " probability " << cases(i, 2);
}

TEST(EffectSizes, HedgesFactorIsExact) {
  // J(2) = 1/sqrt(pi) = Gamma(1)/(1 Gamma(1/2)); J(4) = Gamma(2)/(sqrt(2) Gamma(3/2)) =
  // sqrt(2/pi).
  EXPECT_TRUE(close_number(hedges_factor(2), 1 / std::sqrt(M_PI), 1e-15));
  EXPECT_TRUE(close_number(hedges_factor(4), std::sqrt(2 / M_PI), 1e-15));
  EXPECT_TRUE(close_number(hedges_factor(1e6), 1 - 3 / (4e6 - 1), 1e-12));
  EXPECT_TRUE(std::isnan(hedges_factor(1)));
}

TEST(EffectSizes, OneTwoAndPairedSamplesByHand) {
  const std::vector<double> a = {1, 2, 3, 4, 5}, b = {2, 1, 4, 3, 3};
  // mean 3, variance 2.5.
  EXPECT_TRUE(close_number(one_sample_effect_size(a).d, 3 / std::sqrt(2.5), 1e-14));
  EXPECT_TRUE(close_number(one_sample_effect_size(a, 3).d, 0, 1e-14, 1));
  // mean 2.6, sum of squares 5.2: pooled variance (10 + 5.2) / 8.
  EXPECT_TRUE(close_number(two_sample_effect_size(a, b).d, 0.4 / std::sqrt(1.9), 1e-14));
  // differences -1, 1, -1, 1, 2: mean .4, sum of squares 8 - 5 * .16 = 7.2, variance 1.8.
  EXPECT_TRUE(close_number(paired_effect_size(a, b).d, 0.4 / std::sqrt(1.8), 1e-14));
  EXPECT_TRUE(close_number(paired_d_average(a, b), 0.4 / std::sqrt(1.9), 1e-14));
  const EffectSize e = one_sample_effect_size(a);
  EXPECT_TRUE(close_number(e.g, e.d * std::sqrt(2 / M_PI), 1e-14));
  EXPECT_LT(e.d_lower, e.d);
  EXPECT_GT(e.d_upper, e.d);
}

TEST(EffectSizes, IntervalTurnsWithTheSign) {
  const EffectSize up = effect_size_from_t(2.5, 15, 0.25, 0.9),
                   down = effect_size_from_t(-2.5, 15, 0.25, 0.9);
  EXPECT_TRUE(close_number(up.d_lower, -down.d_upper, 1e-9));
  EXPECT_TRUE(close_number(up.g_upper, -down.g_lower, 1e-9));
}

TEST(EffectSizes, IntervalExcludesZeroWhereTheTestRejects) {
  // The two-sided .05 quantile of t(11) is 2.2009851600916384.
  EXPECT_TRUE(close_number(effect_size_from_t(2.2009851600916384, 11, 1).d_lower, 0, 1e-9, 1));
}

TEST(EffectSizes, LargeStatisticsHaveFiniteIntervals) {
  for (const double t : {40.0, 150.0}) {
    const EffectSize e = effect_size_from_t(t, 43, 1 / std::sqrt(44.0));
    EXPECT_TRUE(e.d_lower > 0.7 * e.d && e.d_lower < e.d) << e.d_lower << " of " << e.d;
    EXPECT_TRUE(e.d_upper < 1.3 * e.d && e.d_upper > e.d) << e.d_upper << " of " << e.d;
  }
}

TEST(EffectSizes, RefuseUnpairedAndSingleValues) {
  const std::vector<double> one = {1}, two = {1, 2};
  EXPECT_THROW(one_sample_effect_size(one), Error);
  EXPECT_THROW(paired_effect_size(one, two), Error);
  EXPECT_TRUE(std::isnan(effect_size_from_t(NAN, 10, 1).d_lower));
}

}  // namespace
}  // namespace sociometer
