#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "engine/group/presence.hpp"

namespace sociometer {

/// Values of some voxels, (n_participants, n), one voxel contiguous.
using GroupBlock = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

/// Effects of all participants that may be larger than memory: voxels are asked for block by block.
class GroupData {
 public:
  virtual ~GroupData() = default;
  virtual Eigen::Index n_participants() const = 0;
  virtual Eigen::Index n_voxels() const = 0;
  /// Whether blocks cost nothing, because all values are in memory.
  virtual bool in_memory() const { return false; }
  /// Voxels [first, first + n), NaN where a participant has no value.
  /// @param space  holds what is not in memory: the block is good until it changes. Threads need
  /// spaces of their own.
  virtual GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const = 0;
};

/// Values in memory. What it is made from must outlive it.
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

/// Values in memory as data. They must outlive it.
inline std::shared_ptr<const GroupData> as_group_data(const GroupValues& values) {
  return std::make_shared<GroupMatrix>(values);
}

/// Values in memory that belong to this.
class OwnValues : public GroupMatrix {
 public:
  explicit OwnValues(std::shared_ptr<const Eigen::MatrixXd> values)
      : GroupMatrix(*values), values_(std::move(values)) {}

 private:
  std::shared_ptr<const Eigen::MatrixXd> values_;
};

/// A row of a group: a map, or what two maps give together.
struct MapPair {
  size_t map = 0;
  std::optional<size_t> other;
};

/// Values of rows: of a map, or map + sign * other. The difference of two effects has the sum of
/// their variances.
/// @param of_maps  a row per map. They are in memory: so are the pairs, then.
std::shared_ptr<const GroupData> paired_values(std::shared_ptr<const GroupData> of_maps,
                                               const std::vector<MapPair>& rows, double sign);

/// How many participants have each voxel, (n_voxels).
Eigen::VectorXd participants_per_voxel(const GroupData& data);

/// Voxels of a block when memory is to be bounded: as many as fit, in multiples of kGroupBlock, at
/// least one of those. Arithmetic that looks at several voxels together never looks beyond such a
/// multiple, so that results do not depend on the cut.
inline constexpr Eigen::Index kGroupBlock = 512;
Eigen::Index group_block_size(double bytes, double bytes_per_voxel);

/// The same as presence_patterns of values.
std::vector<PresencePattern> presence_patterns(const GroupData& data, Eigen::Index least);

}  // namespace sociometer
