#include "engine/core/grid.hpp"

#include "engine/core/error.hpp"

namespace sociometer {

std::array<Eigen::Index, 3> Grid::position(Eigen::Index i) const {
  return {i % size[0], (i / size[0]) % size[1], i / (size[0] * size[1])};
}

Eigen::Vector3d Grid::voxel_size_mm() const {
  return world_from_voxel.topLeftCorner<3, 3>().colwise().norm();
}

Eigen::Vector3d Grid::world(Eigen::Index i) const {
  const auto p = position(i);
  Eigen::Vector4d voxel;
  voxel << double(p[0]), double(p[1]), double(p[2]), 1.0;
  return (world_from_voxel * voxel).head<3>();
}

bool same_grid(const Grid& a, const Grid& b, double tolerance_mm) {
  if (a.size != b.size) return false;
  for (int corner = 0; corner < 8; ++corner) {
    Eigen::Vector4d voxel(0, 0, 0, 1);
    for (int axis = 0; axis < 3; ++axis)
      if ((corner >> axis) & 1) voxel[axis] = double(a.size[size_t(axis)] - 1);
    const Eigen::Vector4d gap = (a.world_from_voxel - b.world_from_voxel) * voxel;
    if (!(gap.head<3>().cwiseAbs().maxCoeff() <= tolerance_mm)) return false;
  }
  return true;
}

std::string describe(const Grid& grid) {
  const Eigen::Vector3d mm = grid.voxel_size_mm();
  const Eigen::Vector4d origin = grid.world_from_voxel.col(3);
  return fmt::format(
      "{}x{}x{}, voxels {:.4g}x{:.4g}x{:.4g} mm, first voxel at ({:.6g}, {:.6g}, {:.6g})",
      grid.size[0], grid.size[1], grid.size[2], mm[0], mm[1], mm[2], origin[0], origin[1],
      origin[2]);
}

void require_same_grid(const Grid& a, const std::string& name_a, const Grid& b,
                       const std::string& name_b) {
  if (same_grid(a, b)) return;
  fail(ErrorCode::shape_mismatch,
       "grids differ: {} is {}; {} is {}; resample one of them to the other's grid", name_a,
       describe(a), name_b, describe(b));
}

}  // namespace sociometer
