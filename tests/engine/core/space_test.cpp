#include "engine/core/space.hpp"

#include <gtest/gtest.h>

namespace sociometer {
namespace {

TEST(Space, OfVoxels) {
  Mask mask;
  mask.grid.size = {3, 2, 1};
  mask.voxels = {0, 1, 4};  // a row of two, and one below its second
  const Space space = mask;
  EXPECT_EQ(space.size(), 3);
  EXPECT_EQ(space.n_stored(), 6);
  EXPECT_EQ(std::vector<uint32_t>(space.stored_at().begin(), space.stored_at().end()), mask.voxels);
  EXPECT_TRUE(space.describe().starts_with("3 voxels of a grid of 3x2x1")) << space.describe();
  const Neighbourhood faces = space.neighbours(6);
  EXPECT_EQ(faces.connectivity, 6);
  EXPECT_EQ(faces.cell_of_voxel, Neighbourhood(mask, 6).cell_of_voxel);
  EXPECT_EQ(Space().size(), 0);
}

}  // namespace
}  // namespace sociometer
