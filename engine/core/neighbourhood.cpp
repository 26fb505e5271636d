#include "engine/core/neighbourhood.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using Triple = std::array<Eigen::Index, 3>;

struct Box {
  Triple first{0, 0, 0}, size{0, 0, 0};
  Eigen::Index cell(const Triple& p) const {
    return (p[0] - first[0]) + size[0] * ((p[1] - first[1]) + size[1] * (p[2] - first[2]));
  }
};

/// The smallest box around the voxels, with a margin of one cell.
Box box_around(const Mask& mask) {
  if (mask.voxels.empty()) return {};
  Triple low = mask.grid.position(mask.voxels[0]), high = low;
  for (const uint32_t v : mask.voxels) {
    const Triple p = mask.grid.position(v);
    for (size_t d = 0; d < 3; ++d) {
      low[d] = std::min(low[d], p[d]);
      high[d] = std::max(high[d], p[d]);
    }
  }
  Box box;
  for (size_t d = 0; d < 3; ++d) {
    box.first[d] = low[d] - 1;
    box.size[d] = high[d] - low[d] + 3;
  }
  return box;
}

}  // namespace

Neighbourhood::Neighbourhood(const Mask& mask, int n) : connectivity(n) {
  if (n != 6 && n != 18 && n != 26)
    fail(ErrorCode::usage, "connectivity is {}, but voxels have 6, 18 or 26 neighbours", n);
  const Box box = box_around(mask);
  const Eigen::Index cells = box.size[0] * box.size[1] * box.size[2];
  if (cells > INT32_MAX) fail(ErrorCode::bad_input, "the mask spans {} voxels: too many", cells);
  voxel_of_cell.assign(size_t(cells), -1);
  for (const uint32_t v : mask.voxels) {
    cell_of_voxel.push_back(uint32_t(box.cell(mask.grid.position(v))));
    voxel_of_cell[cell_of_voxel.back()] = int32_t(cell_of_voxel.size()) - 1;
  }
  const int most_steps = n == 6 ? 1 : n == 18 ? 2 : 3;
  for (int z = -1; z <= 1; ++z)
    for (int y = -1; y <= 1; ++y)
      for (int x = -1; x <= 1; ++x) {
        const int steps = std::abs(x) + std::abs(y) + std::abs(z);
        if (steps > 0 && steps <= most_steps)
          offsets.push_back(int32_t(x + box.size[0] * (y + box.size[1] * z)));
      }
}

}  // namespace sociometer
