#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How an estimated effect map compares with the truth that was put into the images.
struct EffectRecovery {
  double region_truth = 0, region_estimate = 0;  ///< means over the voxels with an effect
  double region_error = 0;                       ///< standard error of region_estimate
  double elsewhere_z = 0;  ///< mean of estimate / standard error where the truth is 0
  double coverage = 0;     ///< share of voxels whose 95 % interval holds the truth
  Eigen::Index n_region = 0, n_voxels = 0;
  /// The mean estimate lies within 4 standard errors of the truth (voxels are independent here:
  /// more would be a fault, not chance), z averages to 0 elsewhere, and intervals cover what they
  /// should. Those of Yule-Walker models are a little short (docs/numerics.md), hence the room
  /// below 95 %.
  bool recovered() const;
};

/// @param truth, effect, variance  of all voxels of the grid.
/// @param brain  numbers of the voxels that are compared; those without a variance are left out.
/// @return none when the compared voxels are not partly with and partly without an effect, as of
///         a fit to other images.
std::optional<EffectRecovery> compare_effects(const Eigen::Ref<const Eigen::VectorXd>& truth,
                                              const Eigen::Ref<const Eigen::VectorXd>& effect,
                                              const Eigen::Ref<const Eigen::VectorXd>& variance,
                                              const std::vector<uint32_t>& brain);

}  // namespace sociometer
