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

/// A region of interest on a grid: ascending voxel indices, each with a
/// weight if the region is weighted.
struct Region {
  std::string name;
  std::vector<uint32_t> voxels;
  std::vector<double> weights;  ///< one per voxel and finite; empty: a binary mask
  /// Part of the region beyond the grid, in voxels of the grid (in |weight| if weighted).
  double outside = 0;
  Eigen::Index n_voxels() const { return static_cast<Eigen::Index>(voxels.size()); }
  bool weighted() const { return !weights.empty(); }
  /// Number of its voxels, or the sum of their |weights|.
  double size() const;
  /// Proportion of the region within the grid, 0 to 1.
  double share_in_grid() const;
};

/// Voxels whose centre is within `radius_mm` of a point.
/// A tolerance of a millionth of a millimetre allows for rounding, so that centres on the surface
/// are included, as in nilearn.
/// @return an empty region if the sphere contains no voxel centre of the grid.
/// @cost  the voxels in the bounding box of the sphere.
Region sphere_region(const Grid& grid, const Eigen::Vector3d& centre_mm, double radius_mm);

/// Voxels whose centre is within half an edge length of a point along each world axis.
Region box_region(const Grid& grid, const Eigen::Vector3d& centre_mm,
                  const Eigen::Vector3d& edges_mm);

/// Voxels for whose value `passes` is true; NaN and infinity are excluded.
Region region_where(std::span<const double> values, const std::function<bool(double)>& passes);

/// The label denoted by a value: an integer up to the rounding of the stored scale factor.
/// nullopt for values that are not integers or exceed 32 bits.
std::optional<int> label_of(double value);

/// Voxels with any of the labels.
Region label_region(std::span<const double> values, std::span<const int> labels);

/// Every finite nonzero value, as a weight.
Region weighted_region(std::span<const double> values);

/// The labels present, other than 0, ascending.
/// @param name  of the image, for the message.
/// @throws Error{bad_input} giving the first value that is not an integer or is too large for a
/// label, and its position.
std::vector<int> require_labels(const Grid& grid, std::span<const double> values,
                                const std::string& name);

/// Size of the part of a region beyond another grid: voxels of `to` (|weight| if weighted) that
/// its voxels centred outside the outer edges of `to` would occupy.
/// @param region  on `from`.
double size_beyond(const Grid& from, const Region& region, const Grid& to);

/// Set operations. The part beyond the grid adds up in a union, is that of `a` in a difference, and
/// is unknown for an intersection, where it is 0. Weights: the larger one in a union, the product
/// in an intersection, those of `a` in a difference; a binary mask has weight 1.
Region union_of(const Region& a, const Region& b);
Region intersection_of(const Region& a, const Region& b);
Region difference_of(const Region& a, const Region& b);

enum class Interpolation { nearest, linear };

/// Values of an image at the voxel centres of another grid; 0 outside the image.
///
/// Positions are mapped through the world coordinates of both grids, so left stays left whatever
/// the storage order of either. Nearest: the voxel with the closest centre, ties toward the lower
/// world coordinate. Linear: trilinear; a neighbour outside the
/// image or not finite counts as 0.
/// @cost  one or eight loads per voxel of `to`.
std::vector<double> resample(const Grid& from, std::span<const double> values, const Grid& to,
                             Interpolation interpolation);

}  // namespace sociometer
