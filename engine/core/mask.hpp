#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/grid.hpp"

namespace sociometer {

/// The voxels to analyse: ascending indices into a grid.
struct Mask {
  Grid grid;
  std::vector<uint32_t> voxels;
  Eigen::Index n_voxels() const { return static_cast<Eigen::Index>(voxels.size()); }
};

/// The voxels at which `values` (one per voxel of the grid) is finite and nonzero.
Mask mask_from_values(const Grid& grid, std::span<const double> values);

/// Computes a brain mask from mean images.
///
/// A voxel passes in a run if it exceeds `fraction` * g, where g is the mean over the voxels above
/// one eighth of that image's mean (SPM's global value). Of the voxels that pass in every run, the
/// largest 6-connected component is kept and its holes are filled; non-finite voxels are excluded.
///
/// @param mean_images  one mean image per run, n_voxels values each, x fastest.
/// @return the mask; empty if no voxel passes.
/// @cost  a few passes over the volume.
Mask compute_brain_mask(const Grid& grid, const std::vector<std::vector<double>>& mean_images,
                        double fraction = 0.5);

}  // namespace sociometer
