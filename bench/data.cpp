#include "bench/data.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"

namespace sociometer::bench {
namespace {

Grid cubic_grid(const std::array<double, 3>& size_mm, const Eigen::Vector3d& first_mm,
                double voxel_mm) {
  Grid grid;
  for (size_t d = 0; d < 3; ++d) grid.size[d] = Eigen::Index(std::ceil(size_mm[d] / voxel_mm));
  grid.world_from_voxel.diagonal() << voxel_mm, voxel_mm, voxel_mm, 1;
  grid.world_from_voxel.col(3).head<3>() = first_mm;
  return grid;
}

}  // namespace

Mask ellipsoid(const Grid& grid, const Ellipsoid& shape) {
  Mask mask{grid, {}};
  const Eigen::Vector3d voxel_mm = grid.voxel_size_mm();
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const auto [x, y, z] = grid.position(i);
    const Eigen::Vector3d place_mm =
        Eigen::Vector3d(double(x), double(y), double(z)).cwiseProduct(voxel_mm);
    const Eigen::Vector3d p = (place_mm - shape.centre_mm).cwiseQuotient(shape.radii_mm);
    if (p.squaredNorm() < 1) mask.voxels.push_back(uint32_t(i));
  }
  return mask;
}

Grid first_level_grid(double voxel_mm) {
  return cubic_grid({194, 230, 194}, {-96, -132, -78}, voxel_mm);
}

Mask first_level_mask(double voxel_mm, double size) {
  return ellipsoid(first_level_grid(voxel_mm), {{96, 114, 90}, size * Eigen::Vector3d(70, 88, 72)});
}

Mask group_mask(double voxel_mm) {
  return ellipsoid(cubic_grid({182, 218, 182}, {-90, -126, -72}, voxel_mm),
                   {{90, 108, 90}, {70.8, 87.6, 66.8}});
}

Mask box(Eigen::Index n_voxels) {
  const auto edge = Eigen::Index(std::cbrt(double(n_voxels)));
  Mask mask;
  mask.grid.size = {edge, edge, n_voxels / (edge * edge)};
  mask.grid.world_from_voxel.diagonal() << 2, 2, 2, 1;
  for (Eigen::Index v = 0; v < mask.grid.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  return mask;
}

Eigen::MatrixXd smooth_noise(const Mask& mask, Eigen::Index n_maps) {
  const auto [nx, ny, nz] = mask.grid.size;
  const std::array<Eigen::Index, 3> size{nx, ny, nz}, step{1, nx, nx * ny};
  Eigen::MatrixXd out(n_maps, mask.n_voxels());
  parallel_for(n_maps, available_threads(), [&](Eigen::Index map) {
    std::vector<double> values(size_t(nx * ny * nz)), next(values.size());
    const CounterRandom random(1, uint64_t(map));
    for (size_t i = 0; i < values.size(); ++i) values[i] = random.normal(i);
    for (size_t pass = 0; pass < 9; ++pass) {
      const size_t axis = pass % 3;
      for (Eigen::Index i = 0; i < Eigen::Index(values.size()); ++i) {
        const Eigen::Index at = i / step[axis] % size[axis];
        const double before = at > 0 ? values[size_t(i - step[axis])] : 0,
                     after = at + 1 < size[axis] ? values[size_t(i + step[axis])] : 0;
        next[size_t(i)] = values[size_t(i)] / 2 + (before + after) / 4;
      }
      values.swap(next);
    }
    for (Eigen::Index v = 0; v < mask.n_voxels(); ++v) out(map, v) = values[mask.voxels[size_t(v)]];
  });
  return out;
}

}  // namespace sociometer::bench
