#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Where, voxel by voxel, two signals meet and where each is alone.
struct VoxelDissociation {
  Eigen::VectorXd n;  ///< participants with both values
  Eigen::VectorXd effect_a, effect_b, effect_difference;
  Eigen::VectorXd t_a, t_b, t_difference;  ///< one-sample, and paired a - b
  /// Least of t_a and t_b: both are there (conjunction null, Nichols et al. 2005).
  Eigen::VectorXd both;
  /// Least of t_a and t_difference: a is there and exceeds b. Likewise for b.
  Eigen::VectorXd only_a, only_b;
  /// One-sided p of a statistic of voxel v: its t distribution has n - 1 degrees of freedom. Valid
  /// for the least of two t as well, because each of them must pass.
  Eigen::VectorXd p_of(const Eigen::VectorXd& statistic) const;
};

/// Takes one participant after the other and keeps running means and squares: memory does not grow
/// with the group.
///
/// "a is there and b is not" cannot be shown by a test that fails, so a voxel counts as a's own
/// when a's effect is above 0 and above b's. A voxel where a participant lacks one of the two
/// values is done without that participant.
/// @source Nichols, Brett, Andersson, Wager & Poline 2005, NeuroImage 25.
class VoxelDissociationSums {
 public:
  explicit VoxelDissociationSums(Eigen::Index n_voxels);
  /// @param a, b  effects of the two signals, one per voxel; not finite: missing.
  void add(std::span<const double> a, std::span<const double> b);
  /// @param min_participants  voxels with fewer are NaN; at least 2.
  VoxelDissociation finish(Eigen::Index min_participants = 2) const;

 private:
  /// Welford's running mean and sum of squares about it.
  struct Moments {
    Eigen::VectorXd mean, squares;
  };
  static Eigen::VectorXd t_of(const Moments& moments, const Eigen::VectorXd& n);
  Eigen::VectorXd n_;
  Moments a_, b_, difference_;
};

}  // namespace sociometer
