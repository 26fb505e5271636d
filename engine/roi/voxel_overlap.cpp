#include "engine/roi/voxel_overlap.hpp"

#include "engine/core/missing.hpp"

namespace sociometer {

std::vector<double> VoxelOverlap::spread(const Eigen::VectorXd& at_positions) const {
  std::vector<double> out(n_wanted, kNaN);
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = at_positions[Eigen::Index(i)];
  return out;
}

VoxelOverlap overlap_of(const std::vector<uint32_t>& wanted, const std::vector<uint32_t>& mask) {
  VoxelOverlap out;
  out.n_wanted = wanted.size();
  size_t m = 0;
  for (size_t w = 0; w < wanted.size(); ++w) {
    while (m < mask.size() && mask[m] < wanted[w]) ++m;
    if (m == mask.size()) break;
    if (mask[m] != wanted[w]) continue;
    out.positions.push_back(Eigen::Index(m));
    out.places.push_back(w);
  }
  return out;
}

}  // namespace sociometer
