#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <Eigen/Dense>

#include "engine/roi/verdict.hpp"

namespace sociometer {

/// Voxelwise tests of two signals and, with a reference region, of the crossover with it.
struct VoxelDissociation {
  Eigen::VectorXd n;  ///< participants with both values
  Eigen::VectorXd effect_a, effect_b;
  Eigen::VectorXd t_a, t_b;  ///< one-sample
  /// Smaller of t_a and t_b: both effects are present (conjunction null, Nichols et al. 2005).
  Eigen::VectorXd both;
  /// Whether there is evidence that a voxel does not follow a (b), see zero_supported.
  std::vector<uint8_t> zero_a, zero_b;
  /// With a reference: paired t of voxel - reference for each signal, and p of the double
  /// dissociation "the voxel goes with a and the reference with b"
  /// and of its reverse; else empty.
  Eigen::VectorXd t_above_a, t_above_b, p_goes_with_a, p_goes_with_b;
  /// One-sided p of a statistic of voxel v, t distributed with n - 1 degrees of freedom. Also valid
  /// for the smaller of two t, since both must pass.
  Eigen::VectorXd p_of(const Eigen::VectorXd& statistic) const;
};

/// One participant's mean effects of the two signals in the reference region.
struct ReferenceValues {
  double a, b;
};

/// Means over the voxels of a reference that have both values; NaN without any.
/// @param positions  of the reference's voxels.
ReferenceValues reference_means(std::span<const double> a, std::span<const double> b,
                                std::span<const size_t> positions);

/// Effects with the other sign: what a signal is followed by in the negative direction.
void turn_sign(std::span<double> effects);

/// Zeros become missing: outside the brain maps are often 0.
void take_zeros_as_missing(std::span<double> effects);

/// Whether any value is finite.
bool has_value(std::span<const double> effects);
/// Makes a voxel that is missing in one map missing in all.
void take_missing_together(const std::vector<std::span<double>>& maps);

/// Takes one participant after another and keeps running means and squares: memory does not grow
/// with the group.
///
/// The signals are never subtracted from each other, since their units differ. "a is present and b
/// is not" cannot be shown by a non-significant test: it requires evidence for the zero. With a
/// reference region, every voxel is judged as region A, with the reference as region B, by the
/// tests of verdict.hpp. At a voxel where a participant has a missing value,
/// that participant is omitted.
/// @source Nichols, Brett, Andersson, Wager & Poline 2005, NeuroImage 25.
class VoxelDissociationSums {
 public:
  VoxelDissociationSums(Eigen::Index n_voxels, bool with_reference);
  /// @param a, b  effects of the two signals, one per voxel; non-finite: missing.
  /// @param reference  required if the sums were constructed with one.
  void add(std::span<const double> a, std::span<const double> b,
           const std::optional<ReferenceValues>& reference = {});
  /// @param min_participants  voxels with fewer are NaN; at least 2.
  VoxelDissociation finish(const EvidenceRule& rule, Eigen::Index min_participants = 2) const;

 private:
  /// Welford's running mean and sum of squared deviations from it.
  struct Moments {
    Eigen::VectorXd mean, squares;
    void take(Eigen::Index v, double value, double n);
    MeanFigures figures(Eigen::Index v, double n) const;
  };
  PairFigures beside_reference(Eigen::Index v) const;
  Eigen::VectorXd n_;
  Moments own_[2], reference_[2], difference_[2];  ///< for signals a and b
};

}  // namespace sociometer
