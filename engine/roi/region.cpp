#include "engine/roi/region.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr double kSurfaceMm = 1e-6, kTieMm = 1e-4;

/// Voxels for which `inside` holds, searched in the box centre +- reach.
Region region_near(const Grid& grid, const Eigen::Vector3d& centre_mm,
                   const Eigen::Vector3d& reach_mm,
                   const std::function<bool(const Eigen::Vector3d&)>& inside) {
  const Eigen::Matrix4d voxel_from_world = grid.world_from_voxel.inverse();
  Eigen::Vector3d low = Eigen::Vector3d::Constant(1e300), high = -low;
  for (int corner = 0; corner < 8; ++corner) {
    Eigen::Vector4d world(0, 0, 0, 1);
    for (int axis = 0; axis < 3; ++axis)
      world[axis] = centre_mm[axis] + ((corner >> axis) & 1 ? 1 : -1) * reach_mm[axis];
    const Eigen::Vector3d voxel = (voxel_from_world * world).head<3>();
    low = low.cwiseMin(voxel);
    high = high.cwiseMax(voxel);
  }
  std::array<Eigen::Index, 3> first, last;
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto size = double(grid.size[axis]);
    first[axis] = Eigen::Index(std::clamp(std::floor(low[Eigen::Index(axis)]), 0.0, size));
    last[axis] = Eigen::Index(std::clamp(std::ceil(high[Eigen::Index(axis)]), -1.0, size - 1));
  }
  Region region;
  for (Eigen::Index z = first[2]; z <= last[2]; ++z)
    for (Eigen::Index y = first[1]; y <= last[1]; ++y)
      for (Eigen::Index x = first[0]; x <= last[0]; ++x)
        if (const Eigen::Index i = grid.index(x, y, z); inside(grid.world(i)))
          region.voxels.push_back(uint32_t(i));
  return region;
}

double weight_of(const Region& region, size_t i) {
  return region.weighted() ? region.weights[i] : 1.0;
}

/// Traverses both ascending lists; `take` gets both weights, 0 for a region without the voxel.
template <typename Take>
void walk(const Region& a, const Region& b, Take&& take) {
  size_t i = 0, j = 0;
  while (i < a.voxels.size() || j < b.voxels.size()) {
    const bool in_a = j == b.voxels.size() || (i < a.voxels.size() && a.voxels[i] <= b.voxels[j]);
    const bool in_b = i == a.voxels.size() || (j < b.voxels.size() && b.voxels[j] <= a.voxels[i]);
    take(in_a ? a.voxels[i] : b.voxels[j], in_a ? weight_of(a, i) : 0.0,
         in_b ? weight_of(b, j) : 0.0, in_a, in_b);
    i += in_a;
    j += in_b;
  }
}

/// The value at a voxel; 0 outside the image or if not finite.
double value_at(const Grid& grid, std::span<const double> values, double x, double y, double z) {
  const std::array<double, 3> at{x, y, z};
  for (size_t axis = 0; axis < 3; ++axis)
    if (!(at[axis] >= 0 && at[axis] <= double(grid.size[axis] - 1))) return 0.0;
  const double value =
      values[size_t(grid.index(Eigen::Index(x), Eigen::Index(y), Eigen::Index(z)))];
  return std::isfinite(value) ? value : 0.0;
}

double trilinear(const Grid& grid, std::span<const double> values, const Eigen::Vector3d& at) {
  // On a grid that coincides with the image, return its values and not sums with weights of 1e-16.
  constexpr double kOnCentre = 1e-5;
  Eigen::Vector3d base, share;
  for (Eigen::Index axis = 0; axis < 3; ++axis) {
    const double place =
        std::abs(at[axis] - std::round(at[axis])) < kOnCentre ? std::round(at[axis]) : at[axis];
    base[axis] = std::floor(place);
    share[axis] = place - base[axis];
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    Eigen::Vector3d neighbour = base;
    for (int axis = 0; axis < 3; ++axis) {
      const bool upper = ((corner >> axis) & 1) != 0;
      weight *= upper ? share[axis] : 1 - share[axis];
      neighbour[axis] += upper ? 1 : 0;
    }
    if (weight > 0)
      sum += weight * value_at(grid, values, neighbour[0], neighbour[1], neighbour[2]);
  }
  return sum;
}

}  // namespace

double Region::size() const {
  if (!weighted()) return double(voxels.size());
  double sum = 0;
  for (double w : weights) sum += std::abs(w);
  return sum;
}

double Region::share_in_grid() const {
  const double inside = size();
  return inside + outside > 0 ? inside / (inside + outside) : 0;
}

std::optional<int> label_of(double value) {
  constexpr double kRounding = 1e-6, kMostRounding = 1e-2;
  const double whole = std::round(value);
  if (!(std::abs(whole) <= double(std::numeric_limits<int>::max()))) return std::nullopt;
  const double room = std::min(kMostRounding, kRounding * std::max(1.0, std::abs(value)));
  if (!(std::abs(value - whole) <= room)) return std::nullopt;
  return int(whole);
}

Region sphere_region(const Grid& grid, const Eigen::Vector3d& centre_mm, double radius_mm) {
  return region_near(grid, centre_mm, Eigen::Vector3d::Constant(radius_mm + kSurfaceMm),
                     [&](const Eigen::Vector3d& world) {
                       return (world - centre_mm).norm() <= radius_mm + kSurfaceMm;
                     });
}

Region box_region(const Grid& grid, const Eigen::Vector3d& centre_mm,
                  const Eigen::Vector3d& edges_mm) {
  const Eigen::Vector3d reach = (edges_mm / 2).array() + kSurfaceMm;
  return region_near(grid, centre_mm, reach, [&](const Eigen::Vector3d& world) {
    return ((world - centre_mm).cwiseAbs().array() <= reach.array()).all();
  });
}

Region region_where(std::span<const double> values, const std::function<bool(double)>& passes) {
  Region region;
  for (size_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i]) && passes(values[i])) region.voxels.push_back(uint32_t(i));
  return region;
}

Region label_region(std::span<const double> values, std::span<const int> labels) {
  const std::set<int> wanted(labels.begin(), labels.end());
  return region_where(values, [&](double value) {
    const auto label = label_of(value);
    return label && wanted.contains(*label);
  });
}

Region weighted_region(std::span<const double> values) {
  Region region = region_where(values, [](double value) { return value != 0; });
  for (uint32_t voxel : region.voxels) region.weights.push_back(values[voxel]);
  return region;
}

std::vector<int> require_labels(const Grid& grid, std::span<const double> values,
                                const std::string& name) {
  std::set<int> labels;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (value == 0) continue;
    if (const auto label = label_of(value)) {
      if (*label != 0) labels.insert(*label);
      continue;
    }
    const auto [x, y, z] = grid.position(Eigen::Index(i));
    if (std::isfinite(value) && value == std::round(value))
      fail(ErrorCode::bad_input,
           "{} has the label {} at voxel ({}, {}, {}); labels go up to {}, renumber them", name,
           value, x, y, z, std::numeric_limits<int>::max());
    fail(ErrorCode::bad_input,
         "{} has the value {} at voxel ({}, {}, {}), which is no label: labels are whole numbers; "
         "if its values are weights, use it as a weighted mask, else threshold it",
         name, value, x, y, z);
  }
  return {labels.begin(), labels.end()};
}

double size_beyond(const Grid& from, const Region& region, const Grid& to) {
  const Eigen::Matrix4d to_voxel_of_from = to.world_from_voxel.inverse() * from.world_from_voxel;
  const auto volume = [](const Grid& grid) {
    return std::abs(grid.world_from_voxel.topLeftCorner<3, 3>().determinant());
  };
  double sum = 0;
  for (size_t i = 0; i < region.voxels.size(); ++i) {
    const auto [x, y, z] = from.position(region.voxels[i]);
    const Eigen::Vector3d at =
        (to_voxel_of_from * Eigen::Vector4d(double(x), double(y), double(z), 1)).head<3>();
    bool inside = true;
    for (size_t axis = 0; axis < 3; ++axis) {
      const double place = at[Eigen::Index(axis)];
      inside &= place > -0.5 && place < double(to.size[axis]) - 0.5;
    }
    if (!inside) sum += std::abs(weight_of(region, i));
  }
  return sum * volume(from) / volume(to);
}

Region union_of(const Region& a, const Region& b) {
  Region out;
  const bool weighted = a.weighted() || b.weighted();
  walk(a, b, [&](uint32_t voxel, double weight_a, double weight_b, bool in_a, bool in_b) {
    out.voxels.push_back(voxel);
    if (weighted)
      out.weights.push_back(in_a && in_b ? std::max(weight_a, weight_b) : weight_a + weight_b);
  });
  out.outside = a.outside + b.outside;
  return out;
}

Region intersection_of(const Region& a, const Region& b) {
  Region out;
  const bool weighted = a.weighted() || b.weighted();
  walk(a, b, [&](uint32_t voxel, double weight_a, double weight_b, bool in_a, bool in_b) {
    if (!in_a || !in_b) return;
    out.voxels.push_back(voxel);
    if (weighted) out.weights.push_back(weight_a * weight_b);
  });
  return out;
}

Region difference_of(const Region& a, const Region& b) {
  Region out;
  walk(a, b, [&](uint32_t voxel, double weight_a, double, bool in_a, bool in_b) {
    if (!in_a || in_b) return;
    out.voxels.push_back(voxel);
    if (a.weighted()) out.weights.push_back(weight_a);
  });
  out.outside = a.outside;
  return out;
}

std::vector<double> resample(const Grid& from, std::span<const double> values, const Grid& to,
                             Interpolation interpolation) {
  const Eigen::Matrix4d from_voxel_of_world = from.world_from_voxel.inverse();
  const Eigen::Matrix4d from_voxel_of_to = from_voxel_of_world * to.world_from_voxel;
  // Ties go to the lower world coordinate, not the lower index, so that an image stored in another
  // order gives the same result.
  const Eigen::Vector3d nudge =
      from_voxel_of_world.topLeftCorner<3, 3>() * Eigen::Vector3d::Constant(-kTieMm);
  std::vector<double> out(size_t(to.n_voxels()));
  for (Eigen::Index i = 0; i < to.n_voxels(); ++i) {
    const auto [x, y, z] = to.position(i);
    const Eigen::Vector3d at =
        (from_voxel_of_to * Eigen::Vector4d(double(x), double(y), double(z), 1)).head<3>();
    if (interpolation == Interpolation::linear) {
      out[size_t(i)] = trilinear(from, values, at);
    } else {
      const Eigen::Vector3d nearest = (at + nudge).array().round();
      out[size_t(i)] = value_at(from, values, nearest[0], nearest[1], nearest[2]);
    }
  }
  return out;
}

}  // namespace sociometer
