#include "engine/simulate/phantom.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/roi/study_regions.hpp"

namespace sociometer {
namespace {

class PhantomOn : public ::testing::TestWithParam<const char*> {};

TEST_P(PhantomOn, HoldsEveryRegionInGreyMatter) {
  const Grid grid = simulation_grid(GetParam());
  const Phantom phantom = make_phantom(grid);
  const double mm = grid.voxel_size_mm()[0];
  for (const auto& region : study_regions()) {
    const auto voxels = voxels_within(phantom.brain, region.centre_mm, region.radius_mm);
    ASSERT_FALSE(voxels.empty());
    double nearest = 100, grey = 0;
    for (const auto v : voxels) {
      const auto centre = grid.world(phantom.brain.voxels[size_t(v)]);
      nearest = std::min(nearest, (centre - region.centre_mm).norm());
      grey += phantom.grey[v] / double(voxels.size());
    }
    // Half the diagonal of a voxel: the voxel that contains the centre is in the brain.
    EXPECT_LE(nearest, 0.87 * mm) << region.name;
    EXPECT_GT(grey, 0.75) << region.name;
  }
}

TEST_P(PhantomOn, IsABrainOfTheSizeOfAPersons) {
  const Phantom phantom = make_phantom(simulation_grid(GetParam()));
  const double litres =
      double(phantom.brain.n_voxels()) * phantom.brain.grid.voxel_size_mm().prod() / 1e6;
  EXPECT_GT(litres, 1.6);
  EXPECT_LT(litres, 2.0);
  for (const auto tissue : {Tissue::grey, Tissue::white, Tissue::csf})
    EXPECT_GT(std::count(phantom.tissue.begin(), phantom.tissue.end(), tissue),
              phantom.brain.n_voxels() / 100)
        << int(tissue);
  EXPECT_GT(phantom.baseline.minCoeff(), 0.4);
  EXPECT_LT(phantom.baseline.maxCoeff(), 1.4);
}

INSTANTIATE_TEST_SUITE_P(Grids, PhantomOn, ::testing::Values("tiny", "3mm"));

TEST(Phantom, IsTheSameLeftAndRightButForTheRegions) {
  const Phantom phantom = make_phantom(simulation_grid("tiny"));
  const Grid& grid = phantom.brain.grid;
  std::vector<bool> inside(size_t(grid.n_voxels()), false);
  for (const auto v : phantom.brain.voxels) inside[v] = true;
  for (const auto v : phantom.brain.voxels) {
    const auto [x, y, z] = grid.position(v);
    EXPECT_TRUE(inside[size_t(grid.index(grid.size[0] - 1 - x, y, z))]);
  }
}

TEST(SimulationGrid, RefusesAnotherName) {
  EXPECT_EQ(simulation_grid("2mm").size, (std::array<Eigen::Index, 3>{97, 115, 97}));
  EXPECT_THROW(simulation_grid("1mm"), Error);
}

}  // namespace
}  // namespace sociometer
