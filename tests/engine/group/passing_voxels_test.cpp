#include "engine/group/passing_voxels.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/group/cluster_size.hpp"
#include "engine/group/evidence_maps.hpp"
#include "engine/group/present_values.hpp"

namespace sociometer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

Eigen::VectorXd vector_of(std::initializer_list<double> values) {
  return Eigen::Map<const Eigen::VectorXd>(values.begin(), Eigen::Index(values.size()));
}

TEST(PassingVoxels, OfPAreThoseAtTheLevelOrBelow) {
  const Eigen::VectorXd passing = passing_p(vector_of({0.05, 0.051, kNone, 0}), 0.05);
  EXPECT_EQ(passing, vector_of({1, 0, 0, 1}));
  EXPECT_EQ(n_passing(passing), 2);
}

TEST(Usage, OfPassingVoxels) {
  const Eigen::VectorXd q_fdr = vector_of({0.05, 0.2, 0.01}), t = vector_of({-3, 1, 5});
  const Eigen::VectorXd passing = passing_p(q_fdr, 0.05);
  const auto n = n_passing(passing);
  const double from = least_magnitude(t, passing);
  EXPECT_EQ(n, 2);
  EXPECT_DOUBLE_EQ(from, 3);
}

TEST(PassingVoxels, OfHeightHaveOneSideOrTwo) {
  const Eigen::VectorXd t = vector_of({3, -3, 2.9, kNone});
  EXPECT_EQ(passing_height(t, 3, false), vector_of({1, 0, 0, 0}));
  EXPECT_EQ(passing_height(t, 3, true), vector_of({1, 1, 0, 0}));
  EXPECT_EQ(n_passing(passing_height(t, kInfinite, true)), 0);
}

TEST(PassingVoxels, OfClustersAreTheirVoxels) {
  const Eigen::VectorXd numbers = vector_of({0, 1, 2, 1, 3});
  EXPECT_EQ(passing_clusters(numbers, {1, 3}), vector_of({0, 1, 0, 1, 1}));
  EXPECT_EQ(n_passing(passing_clusters(numbers, {})), 0);
}

TEST(PassingVoxels, OfBothMapsHaveTheSameSign) {
  const Eigen::VectorXd a = vector_of({4, 4, -4, 4, 1}), b = vector_of({5, -5, -5, 1, 5});
  const Eigen::VectorXd pass_a = passing_height(a, 3, true), pass_b = passing_height(b, 3, true);
  EXPECT_EQ(passing_both(pass_a, pass_b, shared_statistic(a, b)), vector_of({1, 0, 1, 0, 0}));
  EXPECT_EQ(with_value(statistics_of_one_only(a, b, pass_a, pass_b)), vector_of({0, 0, 0, 1, 1}));
}

TEST(PassingVoxels, LeastMagnitudeIsAmongThoseThatPass) {
  const Eigen::VectorXd t = vector_of({5, -4, 1, kInfinite});
  EXPECT_DOUBLE_EQ(least_magnitude(t, vector_of({1, 1, 0, 1})), 4);
  EXPECT_EQ(least_magnitude(t, vector_of({0, 0, 0, 1})), kInfinite);
}

TEST(PresentValues, AreMissingWhereAMapHasNone) {
  const std::vector<std::vector<double>> maps{{1, 0, 3, kNone}, {5, 6, 0, 8}};
  const std::vector<uint32_t> voxels{1, 2, 3};
  const Eigen::MatrixXd zeros_missing = present_values(maps, voxels, Zeros::missing);
  const Eigen::MatrixXd zeros_count = present_values(maps, voxels, Zeros::value);
  ASSERT_EQ(zeros_missing.rows(), 2);
  ASSERT_EQ(zeros_missing.cols(), 3);
  EXPECT_TRUE(std::isnan(zeros_missing(0, 0)) && std::isnan(zeros_missing(0, 2)));
  EXPECT_EQ(zeros_missing(0, 1), 3);
  EXPECT_EQ(zeros_missing(1, 2), 8);
  EXPECT_EQ(zeros_count(0, 0), 0);
  EXPECT_TRUE(std::isnan(zeros_count(0, 2)));
  std::vector<double> kept{1, 1, 0, 1};
  keep_present(kept, maps[0], Zeros::missing);
  EXPECT_EQ(kept, (std::vector<double>{1, 0, 0, 0}));
}

TEST(ClusterSizes, InCubicMillimetresAreThoseOfTheGrid) {
  Grid grid;
  grid.size = {4, 4, 4};
  grid.world_from_voxel.diagonal() << 2, 3, 3.5, 1;
  EXPECT_DOUBLE_EQ(voxels_in(42, grid), 2);
  EXPECT_EQ(least_voxels(voxels_in(42, grid)), 2u);
  EXPECT_EQ(least_voxels(voxels_in(43, grid)), 3u);
  EXPECT_EQ(least_voxels(2 + 1e-7), 2u) << "rounding of an affine";
  EXPECT_EQ(least_voxels(0), 1u);
}

}  // namespace
}  // namespace sociometer
