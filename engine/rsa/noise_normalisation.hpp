#pragma once
#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// How patterns are normalised by the noise of their voxels.
enum class NoiseNormalisation {
  none,
  univariate,    ///< each voxel divided by the standard deviation of its noise
  multivariate,  ///< multiplied by the inverse square root of the shrunken noise covariance
};
constexpr std::array<Name<NoiseNormalisation>, 3> names_of(std::type_identity<NoiseNormalisation>) {
  return {{{NoiseNormalisation::none, "none"},
           {NoiseNormalisation::univariate, "univariate"},
           {NoiseNormalisation::multivariate, "multivariate"}}};
}

/// The weight of the target in the well-conditioned covariance of Ledoit & Wolf.
///
/// With S = E'E / n, m = tr(S) / p, d2 = |S - m I|^2 and b2 = min(d2, sum_k |e_k e_k' - S|^2 /
/// n^2): shrinkage = b2 / d2, and the estimate is shrinkage m I + (1 - shrinkage) S.
/// @param residuals  E, (n, p), mean 0.
/// @return between 0 and 1; 1 if S is a multiple of the identity.
/// @cost  n p min(n, p).
/// @source Ledoit & Wolf 2004, J. Multivariate Analysis 88:365.
double ledoit_wolf_shrinkage(const Eigen::MatrixXd& residuals);

/// The covariance itself, times n / dof.
Eigen::MatrixXd ledoit_wolf_covariance(const Eigen::MatrixXd& residuals, double dof);

/// A normalisation of patterns, estimated from residuals of the same voxels.
///
/// The multivariate one uses the symmetric square root (Walther et al. 2016, NeuroImage 137:188):
/// correlations after it depend on which root is taken, distances do not. The covariance is never
/// formed: with few residuals, their products are smaller than it.
class NoiseWhitening {
 public:
  /// @param residuals  (n, n_voxels), mean 0; a voxel without variance is a logic error unless the
  ///                   kind is none, which needs no residuals.
  /// @param dof  of the residuals, positive.
  /// @cost  the eigenvectors of a matrix of the smaller of n and n_voxels.
  NoiseWhitening(NoiseNormalisation kind, const Eigen::MatrixXd& residuals, double dof);

  /// @param patterns  (n_patterns, n_voxels). @return the same shape.
  Eigen::MatrixXd apply(const Eigen::MatrixXd& patterns) const;
  double shrinkage() const { return shrinkage_; }  ///< NaN unless multivariate

 private:
  NoiseNormalisation kind_;
  Eigen::VectorXd scale_;        ///< univariate: 1 / sd
  double outer_scale_ = 1;       ///< multivariate: of directions outside `directions_`
  Eigen::MatrixXd directions_;   ///< (n_voxels, rank), orthonormal
  Eigen::VectorXd extra_scale_;  ///< of directions, beyond outer_scale_
  double shrinkage_;
};

}  // namespace sociometer
