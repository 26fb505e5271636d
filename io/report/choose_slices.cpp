#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "io/report/map_picture.hpp"

namespace sociometer {
namespace {

constexpr double kApartMm = 5;  // a slice that is as near to a peak also shows it

}  // namespace

std::vector<double> choose_slices(const Mask& mask, Plane plane, int n,
                                  const std::vector<Eigen::Vector3d>& peaks_mm) {
  require(mask.n_voxels() > 0 && n > 0, "a mask and slices");
  const int axis = normal_axis(plane);
  const WorldBox box = box_around(mask, 0, 1e-3);
  const double low = box.low[axis] + 0.1 * (box.high[axis] - box.low[axis]),
               high = box.high[axis] - 0.1 * (box.high[axis] - box.low[axis]);
  std::vector<double> positions;
  for (int i = 0; i < n; ++i)
    positions.push_back(std::round(n == 1 ? (low + high) / 2 : low + i * (high - low) / (n - 1)));
  std::vector<bool> taken(positions.size(), false);
  for (const Eigen::Vector3d& peak : peaks_mm) {
    size_t nearest = positions.size();
    double distance = INFINITY;
    bool is_there = false;
    for (size_t i = 0; i < positions.size(); ++i) {
      const double d = std::abs(positions[i] - peak[axis]);
      is_there |= taken[i] && d < kApartMm;
      if (!taken[i] && d < distance) nearest = i, distance = d;
    }
    if (is_there || nearest == positions.size()) continue;
    positions[nearest] = peak[axis];
    taken[nearest] = true;
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

}  // namespace sociometer
