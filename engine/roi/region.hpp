#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/grid.hpp"

namespace sociometer {

/// A region of interest on a grid: ascending voxels, each with a weight when the region is
/// weighted.
struct Region {
  std::string name;
  std::vector<uint32_t> voxels;
  std::vector<double> weights;  ///< one per voxel and finite; empty: a plain mask
  /// What of the region lies beyond the grid, in voxels of the grid (of |weight| when weighted).
  double outside = 0;
  Eigen::Index n_voxels() const { return static_cast<Eigen::Index>(voxels.size()); }
  bool weighted() const { return !weights.empty(); }
  /// Its voxels, or the sum of their |weights|.
  double size() const;
  /// Share of the region that lies in the grid, 0 to 1.
  double share_in_grid() const;
};

/// Voxels whose centre is within `radius_mm` of a point.
/// A millionth of a millimetre is allowed for rounding, so a centre that lies on the surface
/// counts, as it does in nilearn.
/// @return without voxels when the sphere holds no voxel centre of the grid.
/// @cost  the voxels of the box around the sphere.
Region sphere_region(const Grid& grid, const Eigen::Vector3d& centre_mm, double radius_mm);

/// Voxels whose centre is within half an edge length of a point along each world axis.
Region box_region(const Grid& grid, const Eigen::Vector3d& centre_mm,
                  const Eigen::Vector3d& edges_mm);

/// Voxels whose value passes; NaN and infinity never do.
Region region_where(std::span<const double> values, const std::function<bool(double)>& passes);

/// The label that a value means: the whole number it is, but for the rounding of a stored scale.
/// Nothing for values that are no whole number or beyond 32 bits.
std::optional<int> label_of(double value);

/// Voxels with one of the labels.
Region label_region(std::span<const double> values, std::span<const int> labels);

/// Every finite value that is not zero, as a weight.
Region weighted_region(std::span<const double> values);

/// The labels other than 0 that occur, ascending.
/// @param name  of the image, for the message.
/// @throws Error{bad_input} naming the first value that is not a whole number or too large for a
/// label, and where it is.
std::vector<int> require_labels(const Grid& grid, std::span<const double> values,
                                const std::string& name);

/// How much of a region lies beyond another grid: voxels of `to` (of |weight| when weighted) that
/// its voxels with centres beyond the outermost voxels' edges would fill.
/// @param region  on `from`.
double size_beyond(const Grid& from, const Region& region, const Grid& to);

/// Set operations. What lies beyond the grid adds up in a union, stays in a difference and is not
/// known of an intersection, which has 0. Weights: the larger of both in a union, the product in an
/// intersection, those of `a` in what is left; a plain mask has weight 1.
Region union_of(const Region& a, const Region& b);
Region intersection_of(const Region& a, const Region& b);
Region difference_of(const Region& a, const Region& b);

enum class Interpolation { nearest, linear };

/// Values of an image at the voxel centres of another grid; 0 outside the image.
///
/// Positions go through the world coordinates of both grids, so left stays left whatever the order
/// of the voxels on either side. Nearest: the voxel whose centre is closest, halves toward the
/// lower world coordinate. Linear: trilinear; a neighbour outside the image or not finite counts as
/// 0.
/// @cost  one or eight loads per voxel of `to`.
std::vector<double> resample(const Grid& from, std::span<const double> values, const Grid& to,
                             Interpolation interpolation);

}  // namespace sociometer
