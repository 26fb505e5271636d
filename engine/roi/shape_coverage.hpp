#pragma once
#include <Eigen/Dense>

#include "engine/roi/region.hpp"

namespace sociometer {

/// Share of a shape's voxels that a grid has, 0 to 1: those that the grid's lattice, continued on
/// all sides, would have are all of them. Shapes of many voxels that are not wholly in the grid go
/// by their volume instead.
/// @param region  what sphere_region or box_region made of the shape on the grid.
/// @return 1 for a shape that holds no voxel centre anywhere.
/// @cost  that of making the shape once more; none for more than two million voxels.
double sphere_share_in_grid(const Grid& grid, const Region& region,
                            const Eigen::Vector3d& centre_mm, double radius_mm);
double box_share_in_grid(const Grid& grid, const Region& region, const Eigen::Vector3d& centre_mm,
                         const Eigen::Vector3d& edges_mm);

}  // namespace sociometer
