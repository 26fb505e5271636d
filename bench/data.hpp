#pragma once
#include <Eigen/Dense>

#include "engine/core/mask.hpp"

namespace sociometer::bench {

/// An ellipsoid about `centre_mm`, which is counted from the first voxel, on a grid of cubic
/// voxels.
struct Ellipsoid {
  Eigen::Vector3d centre_mm, radii_mm;
};
Mask ellipsoid(const Grid& grid, const Ellipsoid& shape);

/// The head of the first level: 97 x 115 x 97 voxels at 2 mm, fewer at larger ones.
Grid first_level_grid(double voxel_mm);
/// An ellipsoid of about the size of the brain on that grid, or `size` times as large: 232,149
/// voxels at 2 mm.
Mask first_level_mask(double voxel_mm, double size = 1);

/// The same for maps of participants, 91 x 109 x 91 voxels at 2 mm: 217,063 voxels.
Mask group_mask(double voxel_mm);

/// A box of about `n_voxels` voxels of 2 mm, all of them in the mask.
Mask box(Eigen::Index n_voxels);

/// White noise smoothed three times by 1-2-1 along each axis: FWHM of about 2.9 voxels, standard
/// deviation .107.
/// @return (n_maps, n_voxels).
Eigen::MatrixXd smooth_noise(const Mask& mask, Eigen::Index n_maps);

}  // namespace sociometer::bench
