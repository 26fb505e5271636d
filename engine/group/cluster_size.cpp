#include "engine/group/cluster_size.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {

double voxels_in(double mm3, const Grid& grid) { return mm3 / grid.voxel_size_mm().prod(); }

size_t least_voxels(double voxels) {
  constexpr double kMost = 1e15, kRounding = 1e-6;
  return size_t(std::max(1.0, std::ceil(std::min(voxels, kMost) * (1 - kRounding))));
}

}  // namespace sociometer
