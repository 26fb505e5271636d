#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/grid.hpp"

namespace sociometer {

/// Voxels that are analysed: ascending indices into a grid.
struct Mask {
  Grid grid;
  std::vector<uint32_t> voxels;
  Eigen::Index n_voxels() const { return static_cast<Eigen::Index>(voxels.size()); }
};

/// The voxels where `values` (one per voxel of the grid) is finite and not zero.
Mask mask_from_values(const Grid& grid, std::span<const double> values);

/// A brain mask from a mean image.
///
/// Rule: g is the mean of the voxels above one eighth of the image's mean (SPM's global value); a
/// voxel is kept when it exceeds `fraction` * g; then the largest 6-connected part is kept and its
/// holes are filled. Non-finite voxels are never kept.
///
/// @param mean_images  one mean image per run; a voxel must pass in every run.
/// @return the mask; empty when nothing passes.
/// @cost  a few passes over the volume.
Mask compute_brain_mask(const Grid& grid, const std::vector<std::vector<double>>& mean_images,
                        double fraction = 0.5);

}  // namespace sociometer
