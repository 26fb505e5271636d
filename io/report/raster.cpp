#include "io/report/raster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();

/// Values between the voxels of an image.
class Sampler {
 public:
  explicit Sampler(const GridValues& image) : size_(image.grid.size), values_(image.values.data()) {
    require(image.values.size() == image.grid.n_voxels(), "one value per voxel");
  }
  float at(const Eigen::Vector3d& voxel, SliceInterpolation interpolation) const {
    return interpolation == SliceInterpolation::nearest ? nearest(voxel) : linear(voxel);
  }

 private:
  bool has(Eigen::Index x, Eigen::Index y, Eigen::Index z) const {
    return x >= 0 && y >= 0 && z >= 0 && x < size_[0] && y < size_[1] && z < size_[2];
  }
  float value(Eigen::Index x, Eigen::Index y, Eigen::Index z) const {
    return has(x, y, z) ? values_[x + size_[0] * (y + size_[1] * z)] : kNoValue;
  }
  float nearest(const Eigen::Vector3d& p) const {
    return value(Eigen::Index(std::floor(p[0] + 0.5)), Eigen::Index(std::floor(p[1] + 0.5)),
                 Eigen::Index(std::floor(p[2] + 0.5)));
  }
  float linear(const Eigen::Vector3d& p) const {
    Eigen::Index first[3];
    double part[3];
    for (int axis = 0; axis < 3; ++axis) {
      const double below = std::floor(p[axis]);
      if (below < -1 || below >= double(size_[size_t(axis)])) return kNoValue;
      first[axis] = Eigen::Index(below);
      part[axis] = p[axis] - below;
    }
    double sum = 0, weights = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const int dx = corner & 1, dy = corner >> 1 & 1, dz = corner >> 2;
      const double weight = (dx ? part[0] : 1 - part[0]) * (dy ? part[1] : 1 - part[1]) *
                            (dz ? part[2] : 1 - part[2]);
      if (weight == 0) continue;
      const float v = value(first[0] + dx, first[1] + dy, first[2] + dz);
      if (!std::isfinite(v)) continue;
      sum += weight * double(v);
      weights += weight;
    }
    // Exactly half, as beside the edge of a mask, must not depend on the last digit.
    return weights > 0.5 - 1e-6 ? float(sum / weights) : kNoValue;
  }
  std::array<Eigen::Index, 3> size_;
  const float* values_;
};

/// A position that is a voxel's centre but for the last digits of the affine (float32 in files).
double snapped_to_centre(double p) {
  const double whole = std::round(p);
  return std::abs(p - whole) < 1e-4 ? whole : p;
}

/// Takes values along lines through world space: from `start`, `n` of them, `step` apart (mm).
class Line {
 public:
  Line(const GridValues& image, SliceInterpolation interpolation)
      : sampler_(image),
        interpolation_(interpolation),
        voxel_from_world_(image.grid.world_from_voxel.inverse()) {}
  template <typename Take>
  void walk(const Eigen::Vector3d& start, const Eigen::Vector3d& step, Eigen::Index n,
            const Take& take) const {
    const Eigen::Matrix3d turn = voxel_from_world_.topLeftCorner<3, 3>();
    const Eigen::Vector3d from = turn * start + voxel_from_world_.topRightCorner<3, 1>();
    const Eigen::Vector3d by = turn * step;
    for (Eigen::Index i = 0; i < n; ++i)
      take(i, sampler_.at(snapped(from + double(i) * by), interpolation_));
  }

 private:
  static Eigen::Vector3d snapped(const Eigen::Vector3d& p) {
    return {snapped_to_centre(p[0]), snapped_to_centre(p[1]), snapped_to_centre(p[2])};
  }
  Sampler sampler_;
  SliceInterpolation interpolation_;
  Eigen::Matrix4d voxel_from_world_;
};

Eigen::Index n_pixels(const WorldBox& box, int axis, double pixel_mm) {
  return Eigen::Index(std::llround((box.high[axis] - box.low[axis]) / pixel_mm)) + 1;
}

/// For grids whose axes are those of the world, in any order and direction: the nearest voxel of a
/// point is found for each axis by itself.
class AlignedVoxels {
 public:
  explicit AlignedVoxels(const Grid& grid)
      : size_(grid.size), voxel_from_world_(grid.world_from_voxel.inverse()) {
    for (int axis = 0; axis < 3; ++axis)
      for (int voxel_axis = 0; voxel_axis < 3; ++voxel_axis)
        if (voxel_from_world_(voxel_axis, axis) != 0) {
          aligned_ = aligned_ && of_[size_t(axis)] < 0;
          of_[size_t(axis)] = voxel_axis;
        }
    aligned_ = aligned_ && of_[0] != of_[1] && of_[1] != of_[2] && of_[0] != of_[2];
  }
  bool are_aligned() const { return aligned_; }
  /// What `n` positions along a world axis add to the voxel's index; negative outside the grid.
  std::vector<Eigen::Index> offsets(int axis, double first_mm, double step_mm,
                                    Eigen::Index n) const {
    const int voxel_axis = of_[size_t(axis)];
    Eigen::Index stride = 1;
    for (int a = 0; a < voxel_axis; ++a) stride *= size_[size_t(a)];
    std::vector<Eigen::Index> out;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double at = voxel_from_world_(voxel_axis, axis) * (first_mm + double(i) * step_mm) +
                        voxel_from_world_(voxel_axis, 3);
      const double voxel = std::floor(snapped_to_centre(at) + 0.5);
      const bool inside = voxel >= 0 && voxel < double(size_[size_t(voxel_axis)]);
      out.push_back(inside ? stride * Eigen::Index(voxel) : -1);
    }
    return out;
  }

 private:
  std::array<Eigen::Index, 3> size_;
  Eigen::Matrix4d voxel_from_world_;
  std::array<int, 3> of_{-1, -1, -1};  ///< the grid's axis along each of the world's
  bool aligned_ = true;
};

bool is_farther(float v, float than, Projection projection) {
  if (!std::isfinite(v)) return false;
  if (!std::isfinite(than)) return true;
  return projection == Projection::largest ? v > than : std::abs(v) > std::abs(than);
}

}  // namespace

GridValues on_grid(const Mask& mask, const Eigen::Ref<const Eigen::VectorXd>& values) {
  require(values.size() == mask.n_voxels(), "one value per voxel of the mask");
  GridValues out{mask.grid, Eigen::VectorXf::Constant(mask.grid.n_voxels(), kNoValue)};
  for (Eigen::Index v = 0; v < mask.n_voxels(); ++v)
    out.values[mask.voxels[size_t(v)]] = float(values[v]);
  return out;
}

GridValues on_grid(const Mask& mask) {
  GridValues out{mask.grid, Eigen::VectorXf::Zero(mask.grid.n_voxels())};
  for (const uint32_t v : mask.voxels) out.values[v] = 1;
  return out;
}

GridValues within(const GridValues& image, const Mask& mask) {
  require(image.values.size() == mask.grid.n_voxels(), "an image on the mask's grid");
  GridValues out{mask.grid, Eigen::VectorXf::Constant(mask.grid.n_voxels(), kNoValue)};
  for (const uint32_t v : mask.voxels) out.values[v] = image.values[v];
  return out;
}

WorldBox box_around(const Mask& mask, double margin_mm, double pixel_mm) {
  require(mask.n_voxels() > 0, "a mask with voxels");
  WorldBox box{mask.grid.world(mask.voxels[0]), mask.grid.world(mask.voxels[0])};
  for (const uint32_t v : mask.voxels) {
    const Eigen::Vector3d at = mask.grid.world(v);
    box.low = box.low.cwiseMin(at);
    box.high = box.high.cwiseMax(at);
  }
  box.low = ((box.low.array() - margin_mm) / pixel_mm).floor() * pixel_mm;
  box.high = ((box.high.array() + margin_mm) / pixel_mm).ceil() * pixel_mm;
  return box;
}

std::array<Eigen::Index, 2> Raster::pixel_of(const Eigen::Vector3d& world) const {
  const int across = column_axis(plane), up = row_axis(plane);
  return {Eigen::Index(std::llround((world[across] - box.low[across]) / pixel_mm)),
          Eigen::Index(std::llround((box.high[up] - world[up]) / pixel_mm))};
}

Raster empty_raster(Plane plane, const WorldBox& box, double pixel_mm) {
  Raster raster;
  raster.plane = plane;
  raster.box = box;
  raster.pixel_mm = pixel_mm;
  raster.width = n_pixels(box, column_axis(plane), pixel_mm);
  raster.height = n_pixels(box, row_axis(plane), pixel_mm);
  raster.values.assign(size_t(raster.width * raster.height), kNoValue);
  return raster;
}

Raster sample_slice(const GridValues& image, Plane plane, double position_mm, const WorldBox& box,
                    double pixel_mm, SliceInterpolation interpolation) {
  Raster raster = empty_raster(plane, box, pixel_mm);
  const Line line(image, interpolation);
  const Eigen::Vector3d step = pixel_mm * Eigen::Vector3d::Unit(column_axis(plane));
  for (Eigen::Index row = 0; row < raster.height; ++row) {
    Eigen::Vector3d start = box.low;
    start[normal_axis(plane)] = position_mm;
    start[row_axis(plane)] = box.high[row_axis(plane)] - double(row) * pixel_mm;
    float* out = raster.values.data() + row * raster.width;
    line.walk(start, step, raster.width, [&](Eigen::Index i, float v) { out[i] = v; });
  }
  return raster;
}

GridValues resampled(const GridValues& image, const WorldBox& box, double pixel_mm,
                     SliceInterpolation interpolation) {
  GridValues out;
  for (int axis = 0; axis < 3; ++axis) {
    out.grid.size[size_t(axis)] = n_pixels(box, axis, pixel_mm);
    out.grid.world_from_voxel(axis, axis) = pixel_mm;
    out.grid.world_from_voxel(axis, 3) = box.low[axis];
  }
  out.values.resize(out.grid.n_voxels());
  const Line line(image, interpolation);
  const Eigen::Vector3d step = pixel_mm * Eigen::Vector3d::UnitX();
  for (Eigen::Index z = 0; z < out.grid.size[2]; ++z)
    for (Eigen::Index y = 0; y < out.grid.size[1]; ++y) {
      const Eigen::Vector3d start = box.low + pixel_mm * Eigen::Vector3d(0, double(y), double(z));
      float* row = out.values.data() + out.grid.index(0, y, z);
      line.walk(start, step, out.grid.size[0], [&](Eigen::Index i, float v) { row[i] = v; });
    }
  return out;
}

namespace {

/// project(), for a grid along the world's axes.
Raster project_aligned(const GridValues& image, const AlignedVoxels& voxels, Plane plane,
                       const WorldBox& box, double pixel_mm, Projection projection) {
  Raster raster = empty_raster(plane, box, pixel_mm);
  const int across = column_axis(plane), up = row_axis(plane), normal = normal_axis(plane);
  const auto columns = voxels.offsets(across, box.low[across], pixel_mm, raster.width);
  const auto rows = voxels.offsets(up, box.high[up], -pixel_mm, raster.height);
  const auto depths =
      voxels.offsets(normal, box.low[normal], pixel_mm, n_pixels(box, normal, pixel_mm));
  for (const Eigen::Index depth : depths)
    for (size_t r = 0; depth >= 0 && r < rows.size(); ++r) {
      if (rows[r] < 0) continue;
      float* out = raster.values.data() + r * columns.size();
      const float* from = image.values.data() + depth + rows[r];
      for (size_t c = 0; c < columns.size(); ++c)
        if (columns[c] >= 0 && is_farther(from[columns[c]], out[c], projection))
          out[c] = from[columns[c]];
    }
  return raster;
}

}  // namespace

Raster project(const GridValues& image, Plane plane, const WorldBox& box, double pixel_mm,
               Projection projection) {
  if (const AlignedVoxels voxels(image.grid); voxels.are_aligned())
    return project_aligned(image, voxels, plane, box, pixel_mm, projection);
  Raster raster = empty_raster(plane, box, pixel_mm);
  const int normal = normal_axis(plane);
  const Eigen::Index depth = n_pixels(box, normal, pixel_mm);
  for (Eigen::Index d = 0; d < depth; ++d) {
    const Raster slice = sample_slice(image, plane, box.low[normal] + double(d) * pixel_mm, box,
                                      pixel_mm, SliceInterpolation::nearest);
    for (size_t i = 0; i < slice.values.size(); ++i)
      if (is_farther(slice.values[i], raster.values[i], projection))
        raster.values[i] = slice.values[i];
  }
  return raster;
}

}  // namespace sociometer
