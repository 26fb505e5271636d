#pragma once
#include <string>

#include "engine/core/mask.hpp"
#include "engine/core/neighbourhood.hpp"

namespace sociometer {

/// Where the values of a map lie: a number of points, some of which touch, each with a place in
/// stored images.
///
/// Analyses that need no more than that take a Space: reading series, permutation, TFCE, cluster
/// extent and mass. An analysis that needs a grid (smoothing, resels, peaks in mm) takes a Mask and
/// says so by its type, and one that needs the number of points takes that. The points are voxels
/// of a mask; vertices of meshes, and both together, are not implemented.
class Space {
 public:
  Space() = default;
  /// Not explicit: a mask is a space wherever no more is needed.
  Space(Mask voxels) : voxels_(std::move(voxels)) {}
  Eigen::Index size() const { return voxels_.n_voxels(); }
  /// The position of each point's value in a stored image, ascending; of `n_stored()`.
  std::span<const uint32_t> stored_at() const { return voxels_.voxels; }
  Eigen::Index n_stored() const { return voxels_.grid.n_voxels(); }
  /// "24 voxels of a grid of 4x3x2, ..", for messages.
  std::string describe() const;
  /// @throws what Neighbourhood throws.
  Neighbourhood neighbours(int connectivity) const { return {voxels_, connectivity}; }

 private:
  Mask voxels_;
};

}  // namespace sociometer
