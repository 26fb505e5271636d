#include "engine/core/neighbourhood.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

Mask every_third_voxel_missing() {
  Mask mask;
  mask.grid.size = {4, 5, 3};
  for (uint32_t v = 0; v < 60; ++v)
    if (v % 3 != 1) mask.voxels.push_back(v);
  return mask;
}

class NeighbourhoodOf : public ::testing::TestWithParam<int> {};

TEST_P(NeighbourhoodOf, FindsThePairsThatASearchOverAllPairsFinds) {
  const Mask mask = every_third_voxel_missing();
  const Neighbourhood neighbours(mask, GetParam());
  const int most_steps = GetParam() == 6 ? 1 : GetParam() == 18 ? 2 : 3;
  for (size_t a = 0; a < mask.voxels.size(); ++a) {
    std::vector<int32_t> expected, found;
    const auto p = mask.grid.position(mask.voxels[a]);
    for (size_t b = 0; b < mask.voxels.size(); ++b) {
      const auto q = mask.grid.position(mask.voxels[b]);
      const auto x = std::abs(p[0] - q[0]), y = std::abs(p[1] - q[1]), z = std::abs(p[2] - q[2]);
      if (a != b && x <= 1 && y <= 1 && z <= 1 && x + y + z <= most_steps)
        expected.push_back(int32_t(b));
    }
    for (const int32_t offset : neighbours.offsets) {
      const int32_t b =
          neighbours.voxel_of_cell[size_t(int32_t(neighbours.cell_of_voxel[a]) + offset)];
      if (b >= 0) found.push_back(b);
    }
    EXPECT_EQ(found, expected) << "voxel " << a;
  }
}
INSTANTIATE_TEST_SUITE_P(Connectivities, NeighbourhoodOf, ::testing::Values(6, 18, 26));

TEST(Neighbourhood, RefusesAnotherConnectivity) {
  EXPECT_THROW(Neighbourhood(every_third_voxel_missing(), 8), Error);
}

}  // namespace
}  // namespace sociometer
