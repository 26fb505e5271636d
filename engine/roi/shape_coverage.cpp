#include "engine/roi/shape_coverage.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace sociometer {
namespace {

/// The grid's lattice continued by whole voxels on all sides, as far as a shape reaches.
Grid grid_around(const Grid& grid, const Eigen::Vector3d& reach_mm) {
  Grid out = grid;
  const Eigen::Matrix3d voxel_from_mm = grid.world_from_voxel.topLeftCorner<3, 3>().inverse();
  const Eigen::Vector3d reach = voxel_from_mm.cwiseAbs() * reach_mm;
  Eigen::Vector4d first(0, 0, 0, 1);
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto n = Eigen::Index(std::ceil(2 * reach[Eigen::Index(axis)])) + 1;
    out.size[axis] += 2 * n;
    first[Eigen::Index(axis)] = -double(n);
  }
  out.world_from_voxel.col(3) = grid.world_from_voxel * first;
  return out;
}

/// Whether a point lies in a grid, between the outer faces of its voxels.
bool holds(const Grid& grid, const Eigen::Vector3d& point_mm) {
  const Eigen::Vector4d at = grid.world_from_voxel.inverse() * point_mm.homogeneous();
  for (size_t axis = 0; axis < 3; ++axis)
    if (at[Eigen::Index(axis)] < -0.5 || at[Eigen::Index(axis)] > double(grid.size[axis]) - 0.5)
      return false;
  return true;
}

/// Counting the voxels of a shape takes as long as it is large: large ones go by their volume.
double share_in_grid(const Grid& grid, Eigen::Index inside, double volume_mm3,
                     const Eigen::Vector3d& centre_mm, const Eigen::Vector3d& reach_mm,
                     const std::function<Region(const Grid&)>& shape_on) {
  constexpr double kCounted = 2e6;
  const double voxel_mm3 = std::abs(grid.world_from_voxel.topLeftCorner<3, 3>().determinant());
  if (inside == grid.n_voxels() || volume_mm3 / voxel_mm3 > kCounted)
    return std::min(1.0, double(inside) * voxel_mm3 / volume_mm3);
  const Grid wide = grid_around(grid, reach_mm);
  if (!holds(wide, centre_mm)) return 0;  // too far from the grid to have a voxel of it
  const Eigen::Index all = shape_on(wide).n_voxels();
  return all > 0 ? double(inside) / double(all) : 1.0;
}

}  // namespace

double sphere_share_in_grid(const Grid& grid, const Region& region,
                            const Eigen::Vector3d& centre_mm, double radius_mm) {
  return share_in_grid(grid, region.n_voxels(), 4.0 / 3 * std::numbers::pi * std::pow(radius_mm, 3),
                       centre_mm, Eigen::Vector3d::Constant(radius_mm),
                       [&](const Grid& wide) { return sphere_region(wide, centre_mm, radius_mm); });
}

double box_share_in_grid(const Grid& grid, const Region& region, const Eigen::Vector3d& centre_mm,
                         const Eigen::Vector3d& edges_mm) {
  return share_in_grid(grid, region.n_voxels(), edges_mm.prod(), centre_mm, edges_mm / 2,
                       [&](const Grid& wide) { return box_region(wide, centre_mm, edges_mm); });
}

}  // namespace sociometer
