#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace sociometer {

/// All-resolutions inference: a lower bound on the number of truly active voxels in any set, with
/// simultaneous confidence 1 - alpha over all sets, however they were chosen.
///
/// Closed testing with Simes' test, valid under the assumptions of Benjamini-Hochberg. With the
/// Hommel value h, the largest size of a set not rejected by Simes' test, the bound of S is the
/// over u of 1 - u + #{i in S: h p_i <= u alpha}.
///
/// @source Rosenblatt, Finos, Weeda, Solari & Goeman 2018, NeuroImage 181; Meijer, Krebs & Goeman
/// 2019, Statistical Applications in Genetics 18 (h in linear time).
class TrueDiscovery {
 public:
  /// @param p  all p-values of the map; NaN means not tested and is never discovered.
  /// @cost  one sort.
  explicit TrueDiscovery(std::span<const double> p, double alpha = 0.05);
  /// h: 0 when every set can be rejected, the number of tests when nothing can.
  double hommel() const { return hommel_; }
  double alpha() const { return alpha_; }
  /// A lower bound on the active voxels among these (indices into `p`).
  double discoveries(std::span<const uint32_t> voxels) const;
  /// The same as a proportion; 0 for an empty set.
  double proportion(std::span<const uint32_t> voxels) const;

 private:
  std::vector<double> p_;
  double alpha_, hommel_ = 0;
};

}  // namespace sociometer
