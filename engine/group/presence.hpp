#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// Effects of all participants, one voxel contiguous, (n_participants, n_voxels); NaN where a
/// participant has no value.
using GroupValues = Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

/// What an exact 0 in a map of effects is: many programs write it where there is no value.
enum class Zeros { missing, value };
constexpr std::array<Name<Zeros>, 2> names_of(std::type_identity<Zeros>) {
  return {{{Zeros::missing, "missing"}, {Zeros::value, "value"}}};
}

/// Whether a map's value is one.
inline bool is_present(double value, Zeros zeros) {
  return std::isfinite(value) && (zeros == Zeros::value || value != 0);
}

/// Counts, voxel by voxel, the rows of a group that have a value.
class PresenceCount {
 public:
  PresenceCount(Eigen::Index n_voxels, Zeros zeros) : counts_(size_t(n_voxels), 0), zeros_(zeros) {}
  /// A map, one value per voxel.
  void add(std::span<const double> values);
  /// A difference of two maps, which is there where both are.
  void add(std::span<const double> first, std::span<const double> second);
  /// 1 in the voxels that at least so many rows have, else 0.
  std::vector<double> reached_by(Eigen::Index least) const;

 private:
  std::vector<double> counts_;
  Zeros zeros_;
};

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
