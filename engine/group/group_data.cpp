#include "engine/group/group_data.hpp"

#include <algorithm>

#include "engine/core/error.hpp"

namespace sociometer {

GroupBlock GroupMatrix::block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd&) const {
  require(first >= 0 && n >= 0 && first + n <= values_.cols(), "a block of the group's voxels");
  return {values_.data() + first * values_.outerStride(), values_.rows(), n,
          Eigen::OuterStride<>(values_.outerStride())};
}

Eigen::Index group_block_size(double bytes, double bytes_per_voxel) {
  const double blocks = bytes / (bytes_per_voxel * double(kGroupBlock));
  return kGroupBlock * std::max<Eigen::Index>(1, Eigen::Index(std::min(blocks, 1e9)));
}

std::vector<PresencePattern> presence_patterns(const GroupData& data, Eigen::Index least) {
  PatternCollector collector;
  Eigen::MatrixXd space;
  for (Eigen::Index first = 0; first < data.n_voxels(); first += kGroupBlock)
    collector.add(data.block(first, std::min(kGroupBlock, data.n_voxels() - first), space));
  return collector.patterns(least);
}

}  // namespace sociometer
