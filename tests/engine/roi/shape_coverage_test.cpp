#include "engine/roi/shape_coverage.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

/// 11 x 9 x 7 voxels of 3 mm around 0.
Grid covered_grid() {
  Grid grid;
  grid.size = {11, 9, 7};
  grid.world_from_voxel.diagonal() << 3, 3, 3, 1;
  grid.world_from_voxel.col(3) << -15, -12, -9, 1;
  return grid;
}

double sphere_share(const Eigen::Vector3d& centre, double radius) {
  const Grid grid = covered_grid();
  return sphere_share_in_grid(grid, sphere_region(grid, centre, radius), centre, radius);
}

double box_share(const Eigen::Vector3d& centre, const Eigen::Vector3d& edges) {
  const Grid grid = covered_grid();
  return box_share_in_grid(grid, box_region(grid, centre, edges), centre, edges);
}

TEST(ShareInGrid, OfASphereCountsTheVoxelsOfTheContinuedLattice) {
  EXPECT_EQ(sphere_share({0, 0, 0}, 6), 1);
  EXPECT_EQ(sphere_share({15, 0, 0}, 3), 6 / 7.0) << "one of the six neighbours lies outside";
  EXPECT_EQ(sphere_share({18, 0, 0}, 3), 1 / 7.0);
  EXPECT_EQ(sphere_share({100, 0, 0}, 6), 0);
  EXPECT_EQ(sphere_share({1.5, 1.5, 1.5}, 1), 1) << "no voxel has its centre in it";
}

TEST(ShareInGrid, OfABoxCountsTheVoxelsOfTheContinuedLattice) {
  EXPECT_EQ(box_share({0, 0, 0}, {6, 6, 6}), 1);
  EXPECT_EQ(box_share({15, 0, 0}, {6, 6, 6}), 2 / 3.0);
  EXPECT_EQ(box_share({15, 12, 9}, {6, 6, 6}), 8 / 27.0);
}

TEST(ShareInGrid, OfWhatIsLargerThanTheGridGoesByVolume) {
  const double grid_mm3 = 11 * 9 * 7 * 27.0;
  EXPECT_NEAR(sphere_share({0, 0, 0}, 1000),
              grid_mm3 / (4.0 / 3 * std::numbers::pi * std::pow(1000.0, 3)), 1e-15);
  EXPECT_NEAR(box_share({0, 0, 0}, {100, 100, 100}), grid_mm3 / 1e6, 1e-15);
}

}  // namespace
}  // namespace sociometer
