#pragma once
#include <array>
#include <string>

#include <Eigen/Dense>

namespace sociometer {

/// A voxel grid: its size and where it lies in the world (RAS+ millimetres).
///
/// Voxels are numbered x fastest, as NIfTI stores them.
struct Grid {
  std::array<Eigen::Index, 3> size{0, 0, 0};
  Eigen::Matrix4d world_from_voxel = Eigen::Matrix4d::Identity();
  /// Which world: 0 not known, 1 scanner, 2 aligned to something, 3 Talairach, 4 MNI (NIfTI's xform
  /// codes). Not compared.
  int space_code = 2;
  /// What was assumed, for people to read, where the file does not say how it lies; else empty.
  std::string orientation_note{};

  Eigen::Index n_voxels() const { return size[0] * size[1] * size[2]; }
  Eigen::Index index(Eigen::Index x, Eigen::Index y, Eigen::Index z) const {
    return x + size[0] * (y + size[1] * z);
  }
  std::array<Eigen::Index, 3> position(Eigen::Index index) const;
  /// Edge lengths of a voxel in mm.
  Eigen::Vector3d voxel_size_mm() const;
  /// World coordinates (mm) of the centre of a voxel.
  Eigen::Vector3d world(Eigen::Index index) const;
};

/// Same size, and every corner of the grid within `tolerance_mm` of its twin.
///
/// Corners are compared, not matrix entries, because a rotation that differs in the 7th digit
/// (float32 headers) is harmless at the origin and may not be at the far end.
bool same_grid(const Grid& a, const Grid& b, double tolerance_mm = 1e-2);

/// "64x64x36, voxels 3x3x3.5 mm, origin (-90, -126, -72)".
std::string describe(const Grid& grid);

/// Throws Error{shape_mismatch} naming both grids when they differ.
void require_same_grid(const Grid& a, const std::string& name_a, const Grid& b,
                       const std::string& name_b);

}  // namespace sociometer
