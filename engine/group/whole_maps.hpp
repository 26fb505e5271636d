#pragma once
#include <memory>
#include <span>
#include <vector>

#include "engine/core/large_buffer.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/presence.hpp"

namespace sociometer {

/// All voxels of a group's maps, from which the voxels to analyse are chosen afterwards, so that
/// the maps are read once.
///
/// Memory: 8 bytes per map and voxel of the grid at most; pages of voxels where no map has a value
/// are never allocated.
class WholeMaps {
 public:
  /// @throws Error{bad_input} if the memory cannot be had.
  WholeMaps(Eigen::Index n_maps, Eigen::Index n_voxels, Zeros zeros);
  /// Bytes at most.
  static double bytes(Eigen::Index n_maps, Eigen::Index n_voxels);
  /// A map, one value per voxel. Several threads may put different maps.
  /// @return whether it has any value (is_present).
  bool put(Eigen::Index map, std::span<const double> values);
  /// 1 in voxels with a value in at least `least` rows, else 0. A row is a map, or a combination of
  /// two, present where both are.
  std::vector<double> reached_by(const std::vector<MapPair>& rows, Eigen::Index least) const;
  /// The values at these voxels, NaN where missing; nothing else is kept.
  /// @param voxels  ascending.
  /// @param empty  gets the maps without a value in any of them.
  std::shared_ptr<const GroupData> take(const std::vector<uint32_t>& voxels,
                                        std::vector<Eigen::Index>& empty) &&;

 private:
  bool is_there(Eigen::Index map, Eigen::Index voxel) const;

  Eigen::Index n_maps_, n_voxels_;
  Zeros zeros_;
  LargeBuffer<double> values_;  ///< (n_maps, n_voxels); missing: 0, or NaN where zeros are values
};

}  // namespace sociometer
