#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Effects of all participants, one voxel contiguous, (n_participants, n_voxels); NaN where a
/// participant has no value.
using GroupValues = Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

/// Voxels that the same participants have.
struct PresencePattern {
  std::vector<Eigen::Index> participants;  ///< ascending
  std::vector<uint32_t> voxels;            ///< ascending columns of the values
  Eigen::Index n() const { return static_cast<Eigen::Index>(participants.size()); }
};

/// Collects the patterns of voxels that come a block after the other.
class PatternCollector {
 public:
  void add(const GroupValues& values);
  /// Of all voxels added. See presence_patterns.
  std::vector<PresencePattern> patterns(Eigen::Index least);

 private:
  std::map<std::vector<bool>, PresencePattern> patterns_;
  std::vector<bool> last_present_;
  PresencePattern* last_ = nullptr;
  uint32_t n_voxels_ = 0;
};

/// Sorts voxels by who has them: the pattern with most voxels first, then by first voxel.
///
/// Everything that depends on the design alone is then computed once per pattern. Patterns of fewer
/// than `least` participants are left out: their voxels are not analysed.
/// @cost  one pass over the values.
std::vector<PresencePattern> presence_patterns(const GroupValues& values, Eigen::Index least);

}  // namespace sociometer
