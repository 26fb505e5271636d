#include "engine/group/present_values.hpp"

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {

void keep_present(std::vector<double>& voxels, std::span<const double> map, Zeros zeros) {
  require(voxels.size() == map.size(), "a map of the same grid");
  for (size_t v = 0; v < voxels.size(); ++v)
    if (!is_present(map[v], zeros)) voxels[v] = 0;
}

Eigen::MatrixXd present_values(const std::vector<std::vector<double>>& maps,
                               std::span<const uint32_t> voxels, Zeros zeros) {
  Eigen::MatrixXd out(Eigen::Index(maps.size()), Eigen::Index(voxels.size()));
  for (size_t i = 0; i < maps.size(); ++i)
    for (size_t v = 0; v < voxels.size(); ++v) {
      const double value = maps[i][voxels[v]];
      out(Eigen::Index(i), Eigen::Index(v)) = is_present(value, zeros) ? value : kNaN;
    }
  return out;
}

}  // namespace sociometer
