#include "engine/core/grid.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

Grid oblique() {
  Grid grid;
  grid.size = {4, 5, 6};
  grid.world_from_voxel << -3, 0.4, 0, 10, 0.4, 2, 0, -20, 0, 0, 2.5, 5, 0, 0, 0, 1;
  return grid;
}

TEST(Grid, NumbersVoxelsXFastest) {
  const Grid grid = oblique();
  EXPECT_EQ(grid.index(1, 2, 3), 1 + 4 * (2 + 5 * 3));
  EXPECT_EQ(grid.position(grid.index(3, 4, 5)), (std::array<Eigen::Index, 3>{3, 4, 5}));
  EXPECT_EQ(grid.world(grid.index(1, 0, 2)), Eigen::Vector3d(7, -19.6, 10));
}

TEST(Grid, ComparesCornersNotMatrixEntries) {
  Grid a = oblique(), b = oblique();
  b.world_from_voxel(0, 0) += 1e-5;
  EXPECT_TRUE(same_grid(a, b));
  b.world_from_voxel(0, 0) += 1e-2;
  EXPECT_FALSE(same_grid(a, b));
  b = oblique();
  b.size[2] = 7;
  EXPECT_FALSE(same_grid(a, b));
}

TEST(Grid, NamesBothGridsWhenTheyDiffer) {
  Grid b = oblique();
  b.size[0] = 9;
  try {
    require_same_grid(oblique(), "bold.nii", b, "mask.nii");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::shape_mismatch);
    const std::string what = error.what();
    for (const char* part : {"bold.nii", "mask.nii", "4x5x6", "9x5x6"})
      EXPECT_NE(what.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace sociometer
