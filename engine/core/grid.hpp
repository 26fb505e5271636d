#pragma once
#include <array>
#include <string>

#include <Eigen/Dense>

namespace sociometer {

/// A voxel grid: its size and its position in world space (RAS+, millimetres).
///
/// Voxel indices run x fastest, as in NIfTI.
struct Grid {
  std::array<Eigen::Index, 3> size{0, 0, 0};
  Eigen::Matrix4d world_from_voxel = Eigen::Matrix4d::Identity();
  /// World space: 0 unknown, 1 scanner, 2 aligned to something, 3 Talairach, 4 MNI (NIfTI's xform
  /// codes). Ignored by same_grid.
  int space_code = 2;
  /// What was assumed about the orientation when the file does not give it, as text; else empty.
  std::string orientation_note{};

  Eigen::Index n_voxels() const { return size[0] * size[1] * size[2]; }
  Eigen::Index index(Eigen::Index x, Eigen::Index y, Eigen::Index z) const {
    return x + size[0] * (y + size[1] * z);
  }
  std::array<Eigen::Index, 3> position(Eigen::Index index) const;  ///< (x, y, z)
  /// Edge lengths of a voxel in mm.
  Eigen::Vector3d voxel_size_mm() const;
  /// World coordinates (mm) of the centre of a voxel.
  Eigen::Vector3d world(Eigen::Index index) const;
};

/// Same size, and each corner voxel's world coordinates differ by at most `tolerance_mm` per axis.
///
/// Corners are compared rather than matrix entries, because a rotation that differs in the 7th
/// digit (float32 headers) is harmless near the origin but may not be at the far corner.
bool same_grid(const Grid& a, const Grid& b, double tolerance_mm = 1e-2);

/// "64x64x36, voxels 3x3x3.5 mm, first voxel at (-90, -126, -72)".
std::string describe(const Grid& grid);

/// Throws Error{shape_mismatch} naming both grids if same_grid is false.
void require_same_grid(const Grid& a, const std::string& name_a, const Grid& b,
                       const std::string& name_b);

}  // namespace sociometer
