#pragma once
#include <Eigen/Dense>

#include "engine/rsa/rsa_analysis.hpp"

namespace sociometer {

/// What each voxel of a region has to do with the region's RDM: its share of every dissimilarity,
/// and the RDM that is left without it.
///
/// Distances are means over voxels, so the share of voxel v of V is its own distance over V.
/// Correlations are sums over voxels of products of standardised patterns z: the share of v in
/// 1 - r is 1 / V - z_iv z_jv, with the patterns' means and lengths those of the whole region. The
/// shares add up to the RDM. Without a voxel, means and lengths are those of the other voxels.
/// Normalised patterns are given; the noise of the others is not estimated again without v.
class RdmParts {
 public:
  /// @param patterns  (n_patterns, n_voxels), normalised (item_patterns, NoiseWhitening).
  RdmParts(const ParticipantRsa& person, Dissimilarity dissimilarity, Eigen::MatrixXd patterns);

  Eigen::Index n_voxels() const { return patterns_.cols(); }
  Eigen::Index n_pairs() const { return rdm_.size(); }
  const Eigen::VectorXd& rdm() const { return rdm_; }  ///< of all voxels
  /// @param out  (n_pairs); 0 for pairs that the design does not give.
  void share(Eigen::Index voxel, Eigen::Ref<Eigen::VectorXd> out) const;
  /// @param out  (n_pairs); NaN for one voxel only, and for a pair with a constant pattern.
  void without(Eigen::Index voxel, Eigen::Ref<Eigen::VectorXd> out) const;

 private:
  bool correlation_;
  Eigen::MatrixXd patterns_;  ///< correlation: each with mean 0
  VoxelDissimilarities distances_;
  Eigen::MatrixXd products_;  ///< correlation: of the patterns, over all voxels
  Eigen::VectorXd rdm_;
};

}  // namespace sociometer
