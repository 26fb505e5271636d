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

/// Meaning of an exact 0 in a map of effects: many programs write it for missing values.
enum class Zeros { missing, value };
constexpr std::array<Name<Zeros>, 2> names_of(std::type_identity<Zeros>) {
  return {{{Zeros::missing, "missing"}, {Zeros::value, "value"}}};
}

/// Whether a map's value counts as present.
inline bool is_present(double value, Zeros zeros) {
  return std::isfinite(value) && (zeros == Zeros::value || value != 0);
}

/// Counts, voxel by voxel, the rows of a group with a value.
class PresenceCount {
 public:
  PresenceCount(Eigen::Index n_voxels, Zeros zeros) : counts_(size_t(n_voxels), 0), zeros_(zeros) {}
  /// A map, one value per voxel.
  void add(std::span<const double> values);
  /// A difference of two maps, present where both are.
  void add(std::span<const double> first, std::span<const double> second);
  /// 1 in voxels with a value in at least the given number of rows, else 0.
  std::vector<double> reached_by(Eigen::Index least) const;

 private:
  std::vector<double> counts_;
  Zeros zeros_;
};

/// Voxels with the same participants present.
struct PresencePattern {
  std::vector<Eigen::Index> participants;  ///< ascending
  std::vector<uint32_t> voxels;            ///< ascending columns of the values
  Eigen::Index n() const { return static_cast<Eigen::Index>(participants.size()); }
};

/// Collects the patterns of voxels added block by block.
class PatternCollector {
 public:
  void add(const GroupValues& values);
  /// Patterns of all voxels added. See presence_patterns.
  std::vector<PresencePattern> patterns(Eigen::Index least);

 private:
  std::map<std::vector<bool>, PresencePattern> patterns_;
  std::vector<bool> last_present_;
  PresencePattern* last_ = nullptr;
  uint32_t n_voxels_ = 0;
};

/// Groups voxels by the participants present; largest pattern first, then by first voxel.
///
/// Everything that depends on the design alone is then computed once per pattern. Patterns of fewer
/// than `least` participants are dropped: their voxels are not analysed.
/// @cost  one pass over the values.
std::vector<PresencePattern> presence_patterns(const GroupValues& values, Eigen::Index least);

}  // namespace sociometer
