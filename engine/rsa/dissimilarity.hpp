#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/rsa/patterns.hpp"
#include "engine/rsa/rdm.hpp"

namespace sociometer {

/// How different two patterns are. All are means over voxels but correlation.
enum class Dissimilarity {
  correlation,  ///< 1 - Pearson's r over voxels, 0 to 2
  euclidean,    ///< squared Euclidean distance over the number of voxels
  mahalanobis,  ///< the same of patterns with multivariate noise normalisation
  crossnobis,   ///< mean over pairs of different runs of the product of the two runs' differences
};
constexpr std::array<Name<Dissimilarity>, 4> names_of(std::type_identity<Dissimilarity>) {
  return {{{Dissimilarity::correlation, "correlation"},
           {Dissimilarity::euclidean, "euclidean"},
           {Dissimilarity::mahalanobis, "mahalanobis"},
           {Dissimilarity::crossnobis, "crossnobis"}}};
}

/// 1 - r of the rows of x. @param x  (n_items, n_voxels).
/// @return NaN for a pair with a constant pattern.
/// @cost  n_items^2 n_voxels.
Eigen::VectorXd correlation_rdm(const Eigen::MatrixXd& x);

/// Dissimilarities that are sums over voxels, as a sequence of voxels' own: what a searchlight adds
/// and subtracts as it moves.
///
/// euclidean: (x_i - x_j)^2.
/// crossnobis of runs 1..R: with d_m = x_i - x_j in run m, the mean over ordered pairs of different
/// runs of d_m d_n, which is ((sum d)^2 - sum d^2) / (R (R - 1)). Only runs in which both
/// conditions occur count, so designs may be unbalanced; a pair that shares fewer than two runs is
/// absent. Noise is independent between runs, so its expectation is 0 if the true patterns are
/// equal. With all conditions in all runs this equals leaving one run out in turn.
/// @source Walther et al. 2016, NeuroImage 137:188; Nili et al. 2014, PLoS Comput Biol 10:e1003553.
class VoxelDissimilarities {
 public:
  /// Of one pattern per item.
  static VoxelDissimilarities euclidean(Eigen::Index n_items);
  /// Of one pattern per condition and run. @param run_items  of unit condition_run.
  static VoxelDissimilarities crossnobis(const PatternItems& run_items);

  Eigen::Index n_patterns() const { return n_patterns_; }
  Eigen::Index n_pairs() const { return Eigen::Index(weights_.size()); }
  /// Whether a pair has a dissimilarity.
  bool has(Eigen::Index pair) const { return weights_[size_t(pair)] > 0; }
  /// One voxel's share of each pair, not divided by the number of voxels; 0 for absent pairs.
  /// @param voxel  the patterns' values, (n_patterns).
  void of_voxel(const double* voxel, double* out) const;
  /// Mean over voxels; NaN for absent pairs. @param patterns  (n_patterns, n_voxels).
  Eigen::VectorXd mean_over(const Eigen::MatrixXd& patterns) const;

 private:
  bool cross_validated_ = false;
  Eigen::Index n_patterns_ = 0;
  std::vector<ItemPair> pairs_;
  std::vector<double> weights_;  ///< per pair: 1 / number of products; 0: absent
  /// Cross-validated: for each pair the patterns of shared runs, [first, last) of shared_.
  std::vector<size_t> first_shared_;
  std::vector<ItemPair> shared_;
};

}  // namespace sociometer
