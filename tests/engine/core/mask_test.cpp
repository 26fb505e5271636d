#include "engine/core/mask.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

Grid cube(Eigen::Index n) {
  Grid grid;
  grid.size = {n, n, n};
  return grid;
}

/// 1000 inside a sphere, 20 outside.
std::vector<double> ball(const Grid& grid, double radius) {
  std::vector<double> image(size_t(grid.n_voxels()), 20.0);
  const Eigen::Vector3d centre = Eigen::Vector3d::Constant(double(grid.size[0] - 1) / 2);
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i)
    if ((grid.world(i) - centre).norm() < radius) image[size_t(i)] = 1000;
  return image;
}

Eigen::Index count(const std::vector<double>& image, double above) {
  Eigen::Index n = 0;
  for (double v : image) n += v > above;
  return n;
}

TEST(BrainMask, KeepsTheBrightPart) {
  const Grid grid = cube(16);
  const auto image = ball(grid, 5);
  EXPECT_EQ(compute_brain_mask(grid, {image}).n_voxels(), count(image, 500));
}

TEST(BrainMask, DropsWhatIsNotJoinedAndFillsHoles) {
  const Grid grid = cube(16);
  auto image = ball(grid, 5);
  const auto whole = count(image, 500);
  image[size_t(grid.index(8, 8, 8))] = 10;   // a hole
  image[size_t(grid.index(0, 0, 0))] = 900;  // a speck
  const Mask mask = compute_brain_mask(grid, {image});
  EXPECT_EQ(mask.n_voxels(), whole);
}

TEST(BrainMask, NeedsAVoxelToPassInEveryRunAndToBeFinite) {
  const Grid grid = cube(16);
  auto first = ball(grid, 5), second = ball(grid, 4);
  first[size_t(grid.index(7, 7, 7))] = NAN;
  const Mask mask = compute_brain_mask(grid, {first, second});
  EXPECT_EQ(mask.n_voxels(), count(second, 500) - 1);
}

TEST(BrainMask, WorksOnOneSlice) {
  Grid grid;
  grid.size = {10, 10, 1};
  std::vector<double> image(100, 5.0);
  for (Eigen::Index x = 3; x < 7; ++x)
    for (Eigen::Index y = 3; y < 7; ++y) image[size_t(grid.index(x, y, 0))] = 800;
  EXPECT_EQ(compute_brain_mask(grid, {image}).n_voxels(), 16);
}

TEST(BrainMask, IsEmptyWhereNothingIsBright) {
  const Grid grid = cube(4);
  EXPECT_EQ(compute_brain_mask(grid, {std::vector<double>(64, 0.0)}).n_voxels(), 0);
}

TEST(Mask, TakesFiniteValuesThatAreNotZero) {
  const std::vector<double> values{0, 1, NAN, -2, 0, INFINITY, 0.5, 0};
  EXPECT_EQ(mask_from_values(cube(2), values).voxels, (std::vector<uint32_t>{1, 3, 6}));
}

}  // namespace
}  // namespace sociometer
