// Runs in sets, as the sessions of a person: means and differences by their formulas.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/glm/contrast_statistics.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer {
namespace {

using testing::refuses;

/// One contrast in three runs: two of the first session, one of the second.
struct ThreeRuns {
  ThreeRuns() {
    const double effects[] = {1, 3, 10}, variances[] = {0.5, 2, 0.25};
    contrast.spec.name = "a";
    contrast.spec.kind = ContrastKind::t;
    for (size_t r = 0; r < 3; ++r) {
      contrast.rows.push_back(Eigen::MatrixXd::Ones(1, 1));
      contrast.why_not.emplace_back();
      ContrastValues run;
      // The second voxel has no statistics in the last run.
      run.effect.setConstant(1, 2, effects[r]);
      run.unit_covariance.setConstant(1, 2, variances[r] / 4);
      run.residual_variance = Eigen::Vector2d(4, r == 2 ? 0 : 4);
      values.push_back(run);
    }
    for (const auto& run : values) pointers.push_back(&run);
  }
  ContrastMaps combined(FixedEffects within, FixedEffects between,
                        const std::vector<double>& weights = {}) const {
    return combine_sets(contrast, pointers, {20, 30, 40}, {{0, 0, 1}, within, between, weights}, 1);
  }
  ResolvedContrast contrast;
  std::vector<ContrastValues> values;
  std::vector<const ContrastValues*> pointers;
};

void expect_voxel(const ContrastMaps& maps, double effect, double variance, double dof) {
  EXPECT_NEAR(maps.effect(0, 0), effect, 1e-12);
  EXPECT_NEAR(maps.variance(0, 0), variance, 1e-12);
  EXPECT_NEAR(maps.statistic[0], effect / std::sqrt(variance), 1e-12);
  EXPECT_EQ(maps.dof, dof);
  EXPECT_TRUE(std::isnan(maps.effect(0, 1)));
}

TEST(RunSets, CountEachSetOnceWithEqualWeights) {
  const ThreeRuns runs;
  // (2 + 10) / 2; variance of the first: (0.5 + 2) / 4.
  expect_voxel(runs.combined(FixedEffects::equal, FixedEffects::equal), 6, (0.625 + 0.25) / 4, 90);
  // The runs of the first by precision: weights 2 and 0.5.
  expect_voxel(runs.combined(FixedEffects::precision, FixedEffects::equal),
               ((2 * 1 + 0.5 * 3) / 2.5 + 10) / 2, (1 / 2.5 + 0.25) / 4, 90);
}

TEST(RunSets, ByPrecisionAreTheSameAsAllRunsAtOnce) {
  const ThreeRuns runs;
  const ContrastMaps at_once =
      combine_runs(runs.contrast, runs.pointers, {20, 30, 40}, FixedEffects::precision, 1);
  expect_voxel(runs.combined(FixedEffects::precision, FixedEffects::precision),
               at_once.effect(0, 0), at_once.variance(0, 0), 90);
}

TEST(RunSets, AreComparedByWeights) {
  const ThreeRuns runs;
  expect_voxel(runs.combined(FixedEffects::equal, FixedEffects::precision, {-1, 1}), 10 - 2,
               0.25 + 0.625, 90);
  expect_voxel(runs.combined(FixedEffects::equal, FixedEffects::precision, {0, 2}), 20, 4 * 0.25,
               40);
}

TEST(RunSets, RefuseAComparisonWithASetThatLacksTheContrast) {
  ThreeRuns runs;
  runs.contrast.rows[2].resize(0, 0);
  runs.contrast.why_not[2] = "no column a";
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"contrast a", "no column a"}, [&] {
    runs.combined(FixedEffects::equal, FixedEffects::equal, {-1, 1});
  }));
  // A mean is that of the others.
  EXPECT_NEAR(runs.combined(FixedEffects::equal, FixedEffects::equal).effect(0, 0), 2, 1e-12);
}

}  // namespace
}  // namespace sociometer
