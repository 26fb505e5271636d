#pragma once
#include <array>
#include <optional>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"

namespace sociometer {

/// An image to be shown: one value per voxel of a grid of any orientation; NaN: no value.
struct GridValues {
  Grid grid;
  Eigen::VectorXf values;
};

/// @param values  one per voxel of the mask; voxels outside it become NaN.
GridValues on_grid(const Mask& mask, const Eigen::Ref<const Eigen::VectorXd>& values);
/// 1 in the mask, 0 outside.
GridValues on_grid(const Mask& mask);
/// An image on the mask's grid with NaN outside the mask: files have zeros there.
GridValues within(const GridValues& image, const Mask& mask);

enum class Plane { sagittal, coronal, axial };
constexpr std::array<Name<Plane>, 3> names_of(std::type_identity<Plane>) {
  return {{{Plane::sagittal, "sagittal"}, {Plane::coronal, "coronal"}, {Plane::axial, "axial"}}};
}
/// The world axis that a slice's position is on: 0, 1, 2 for sagittal, coronal, axial.
constexpr int normal_axis(Plane plane) { return int(plane); }
/// The world axis that runs along a row of its picture: y for sagittal slices, else x.
constexpr int column_axis(Plane plane) { return plane == Plane::sagittal ? 1 : 0; }
/// The world axis that runs up its picture: y for axial slices, else z.
constexpr int row_axis(Plane plane) { return plane == Plane::axial ? 1 : 2; }

/// A box along the axes of world space, in mm: centres of the first and the last pixel.
struct WorldBox {
  Eigen::Vector3d low, high;
};

/// The box that holds all voxels of a mask with a margin, its corners at multiples of `pixel_mm`.
/// @throws std::logic_error for an empty mask.
WorldBox box_around(const Mask& mask, double margin_mm, double pixel_mm);

enum class SliceInterpolation { nearest, linear };
constexpr std::array<Name<SliceInterpolation>, 2> names_of(std::type_identity<SliceInterpolation>) {
  return {{{SliceInterpolation::nearest, "nearest"}, {SliceInterpolation::linear, "linear"}}};
}

/// Values of a plane of world space. Pixel (0, 0) is at the top left: the smallest x (left of the
/// person) or, in sagittal planes, y; and the largest y or z. So left is left, whatever the grid's
/// affine.
struct Raster {
  Plane plane = Plane::axial;
  WorldBox box;
  double pixel_mm = 2;
  Eigen::Index width = 0, height = 0;
  std::vector<float> values;  ///< row by row from the top; NaN: no value

  float at(Eigen::Index column, Eigen::Index row) const {
    return values[size_t(row * width + column)];
  }
  /// The column, and the row, of the pixel nearest to a world position (in mm).
  std::array<Eigen::Index, 2> pixel_of(const Eigen::Vector3d& world) const;
};

/// An empty raster (all NaN) of this plane's side of the box.
Raster empty_raster(Plane plane, const WorldBox& box, double pixel_mm);

/// A slice through a grid of any affine: oblique ones, too.
///
/// @param position_mm    on the axis of normal_axis(plane).
/// @param interpolation  linear: of the finite ones among 8 neighbours, NaN where they have less
///                       than half of the weight. Nearest: the voxel that has the point.
/// @cost  one or eight values per pixel.
Raster sample_slice(const GridValues& image, Plane plane, double position_mm, const WorldBox& box,
                    double pixel_mm, SliceInterpolation interpolation);

/// An image on the grid of the box: voxels of pixel_mm along the axes of the world.
/// @cost  one or eight values per voxel of the box.
GridValues resampled(const GridValues& image, const WorldBox& box, double pixel_mm,
                     SliceInterpolation interpolation);

/// Which values a projection keeps along a line of sight.
enum class Projection { largest, largest_magnitude };

/// A projection through the box: of the nearest voxels at each pixel_mm along the line of sight,
/// the value that is largest (in magnitude, with its sign). NaN where there is none.
Raster project(const GridValues& image, Plane plane, const WorldBox& box, double pixel_mm,
               Projection projection);

}  // namespace sociometer
