#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Core>

namespace sociometer {

/// Where the voxels of one list are in another.
struct VoxelOverlap {
  std::vector<Eigen::Index> positions;  ///< in the mask, of the voxels that both have
  std::vector<size_t> places;           ///< of the same voxels in the wanted list
  size_t n_wanted = 0;

  /// Values at the positions, put at the places; NaN where the mask has no voxel.
  std::vector<double> spread(const Eigen::VectorXd& at_positions) const;
};

/// @param wanted, mask  voxels of one grid, ascending.
/// @cost  linear.
VoxelOverlap overlap_of(const std::vector<uint32_t>& wanted, const std::vector<uint32_t>& mask);

}  // namespace sociometer
