#include "engine/simulate/effect_recovery.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(EffectRecovery, ComparesTheRegionAndTheRest) {
  // Voxel 0 is not of the brain, voxel 5 not of the fit.
  Eigen::VectorXd truth(6), effect(6), variance(6);
  truth << 9, 2, 2, 0, 0, 2;
  effect << 0, 2.5, 1.9, 0.3, -0.1, 7;
  variance << 1, 0.04, 0.01, 0.01, 0.01, 0;
  const auto r = compare_effects(truth, effect, variance, {1, 2, 3, 4, 5});
  ASSERT_TRUE(r);
  EXPECT_EQ(r->n_region, 2);
  EXPECT_EQ(r->n_voxels, 4);
  EXPECT_TRUE(close_number(r->region_truth, 2, 1e-14));
  EXPECT_TRUE(close_number(r->region_estimate, 2.2, 1e-14));
  EXPECT_TRUE(close_number(r->region_error, std::sqrt(0.05) / 2, 1e-14));
  EXPECT_TRUE(close_number(r->elsewhere_z, (3 - 1) / 2., 1e-12));
  // The first is 2.5 errors off, the third 3.
  EXPECT_TRUE(close_number(r->coverage, 0.5, 1e-14));
  EXPECT_FALSE(r->recovered());
}

TEST(EffectRecovery, NeedsVoxelsWithAndWithoutAnEffect) {
  const Eigen::Vector2d effect(1, 2), variance(1, 1);
  EXPECT_FALSE(compare_effects(Eigen::Vector2d(0, 0), effect, variance, {0, 1}));
  EXPECT_FALSE(compare_effects(Eigen::Vector2d(1, 1), effect, variance, {0, 1}));
  EXPECT_FALSE(compare_effects(Eigen::Vector2d(0, 1), effect, Eigen::Vector2d(1, 0), {0, 1}));
  EXPECT_TRUE(compare_effects(Eigen::Vector2d(0, 1), effect, variance, {0, 1}));
}

TEST(EffectRecovery, IsJudgedByBiasCoverageAndTheRest) {
  const EffectRecovery good{10, 10.3, 0.1, 0.02, 0.94, 50, 1000};
  EXPECT_TRUE(good.recovered());
  EffectRecovery biased = good, shifted = good, short_intervals = good, long_intervals = good;
  biased.region_estimate = 10.5;
  shifted.elsewhere_z = -0.2;
  short_intervals.coverage = 0.89;
  long_intervals.coverage = 0.98;
  for (const auto& r : {biased, shifted, short_intervals, long_intervals})
    EXPECT_FALSE(r.recovered());
}

}  // namespace
}  // namespace sociometer::testing
