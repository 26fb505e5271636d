#include "engine/core/mask.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {
namespace {

/// SPM's global value: the mean of the voxels above one eighth of the overall mean.
double global_value(const std::vector<double>& image) {
  const auto mean_above = [&](double threshold) {
    double sum = 0, n = 0;
    for (double v : image)
      if (std::isfinite(v) && v > threshold) sum += v, n += 1;
    return n > 0 ? sum / n : 0.0;
  };
  double sum = 0, n = 0;
  for (double v : image)
    if (std::isfinite(v)) sum += v, n += 1;
  return n > 0 ? mean_above(sum / n / 8.0) : 0.0;
}

/// Voxels connected to `start` through 6-neighbours where `open` is nonzero; clears `open` there.
std::vector<uint32_t> flood(const Grid& grid, std::vector<uint8_t>& open, uint32_t start) {
  std::vector<uint32_t> found{start};
  open[start] = 0;
  for (size_t next = 0; next < found.size(); ++next) {
    const auto p = grid.position(found[next]);
    for (int axis = 0; axis < 3; ++axis)
      for (int step : {-1, 1}) {
        auto q = p;
        q[size_t(axis)] += step;
        if (q[size_t(axis)] < 0 || q[size_t(axis)] >= grid.size[size_t(axis)]) continue;
        const auto neighbour = static_cast<uint32_t>(grid.index(q[0], q[1], q[2]));
        if (!open[neighbour]) continue;
        open[neighbour] = 0;
        found.push_back(neighbour);
      }
  }
  return found;
}

void keep_largest_part(const Grid& grid, std::vector<uint8_t>& inside) {
  std::vector<uint8_t> open = inside;
  std::vector<uint32_t> largest;
  for (uint32_t i = 0; i < open.size(); ++i) {
    if (!open[i]) continue;
    auto part = flood(grid, open, i);
    if (part.size() > largest.size()) largest = std::move(part);
  }
  std::fill(inside.begin(), inside.end(), uint8_t{0});
  for (uint32_t i : largest) inside[i] = 1;
}

/// A hole is background that is not 6-connected to the border of the grid.
void fill_holes(const Grid& grid, std::vector<uint8_t>& inside) {
  std::vector<uint8_t> open(inside.size());
  std::transform(inside.begin(), inside.end(), open.begin(), [](uint8_t v) { return uint8_t(!v); });
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const auto p = grid.position(i);
    // Along an axis with a single slice every voxel would be at the border: ignore such an axis.
    bool border = false;
    for (size_t axis = 0; axis < 3; ++axis)
      border |= grid.size[axis] > 1 && (p[axis] == 0 || p[axis] == grid.size[axis] - 1);
    if (border && open[size_t(i)]) flood(grid, open, static_cast<uint32_t>(i));
  }
  for (size_t i = 0; i < inside.size(); ++i) inside[i] |= open[i];
}

}  // namespace

Mask mask_from_values(const Grid& grid, std::span<const double> values) {
  Mask mask{grid, {}};
  for (uint32_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i]) && values[i] != 0.0) mask.voxels.push_back(i);
  return mask;
}

Mask compute_brain_mask(const Grid& grid, const std::vector<std::vector<double>>& mean_images,
                        double fraction) {
  std::vector<uint8_t> inside(size_t(grid.n_voxels()), 1);
  for (const auto& image : mean_images) {
    const double threshold = fraction * global_value(image);
    for (size_t i = 0; i < inside.size(); ++i)
      inside[i] &= std::isfinite(image[i]) && image[i] > threshold && threshold > 0;
  }
  keep_largest_part(grid, inside);
  fill_holes(grid, inside);
  // A filled hole may contain NaN in some run: exclude such voxels.
  for (const auto& image : mean_images)
    for (size_t i = 0; i < inside.size(); ++i) inside[i] &= std::isfinite(image[i]);
  Mask mask{grid, {}};
  for (uint32_t i = 0; i < inside.size(); ++i)
    if (inside[i]) mask.voxels.push_back(i);
  return mask;
}

}  // namespace sociometer
