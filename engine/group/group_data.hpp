#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "engine/group/presence.hpp"

namespace sociometer {

/// Values of some voxels, (n_participants, n), one voxel contiguous.
using GroupBlock = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

/// Effects of all participants, possibly larger than memory: voxels are read block by block.
class GroupData {
 public:
  virtual ~GroupData() = default;
  virtual Eigen::Index n_participants() const = 0;
  virtual Eigen::Index n_voxels() const = 0;
  /// Whether blocks are free because all values are in memory.
  virtual bool in_memory() const { return false; }
  /// Voxels [first, first + n), NaN where a participant has no value.
  /// @param space  buffer for values not in memory: the block is valid until it changes. Threads
  /// need separate ones.
  virtual GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const = 0;
};

/// A view of values in memory, which must outlive it.
class GroupMatrix : public GroupData {
 public:
  explicit GroupMatrix(const GroupValues& values)
      : values_(values.data(), values.rows(), values.cols(),
                Eigen::OuterStride<>(values.outerStride())) {}
  Eigen::Index n_participants() const override { return values_.rows(); }
  Eigen::Index n_voxels() const override { return values_.cols(); }
  bool in_memory() const override { return true; }
  GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const override;

 private:
  GroupBlock values_;
};

/// The same as GroupData. The values must outlive it.
inline std::shared_ptr<const GroupData> as_group_data(const GroupValues& values) {
  return std::make_shared<GroupMatrix>(values);
}

/// Values in memory, owned.
class OwnValues : public GroupMatrix {
 public:
  explicit OwnValues(std::shared_ptr<const Eigen::MatrixXd> values)
      : GroupMatrix(*values), values_(std::move(values)) {}

 private:
  std::shared_ptr<const Eigen::MatrixXd> values_;
};

/// A row of a group: a map, or a combination of two maps.
struct MapPair {
  size_t map = 0;
  std::optional<size_t> other;
};

/// Values of rows: a map, or map + sign * other. The difference of two effects has the sum of
/// their variances.
/// @param of_maps  one row per map. If they are in memory, so are the pairs.
std::shared_ptr<const GroupData> paired_values(std::shared_ptr<const GroupData> of_maps,
                                               const std::vector<MapPair>& rows, double sign);

/// The number of participants with a value at each voxel, (n_voxels).
Eigen::VectorXd participants_per_voxel(const GroupData& data);

/// Voxels per block under a memory limit: as many as fit, in multiples of kGroupBlock, at
/// least one of those. Arithmetic over several voxels never crosses such a multiple, so results
/// do not depend on the blocks.
inline constexpr Eigen::Index kGroupBlock = 512;
Eigen::Index group_block_size(double bytes, double bytes_per_voxel);

/// The same as presence_patterns of the values.
std::vector<PresencePattern> presence_patterns(const GroupData& data, Eigen::Index least);

}  // namespace sociometer
