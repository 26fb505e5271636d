#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_model.hpp"

namespace sociometer {

struct RobustOptions {
  double tuning = 1.345;  ///< k of Huber's psi, in scales: 95 % efficiency for normal errors
  Eigen::Index min_participants = 0;
  int n_threads = 1;
  bool finish = true;  ///< if false, z and p are left to GroupModelMaps::finish()
};

struct RobustMaps : GroupModelMaps {
  using GroupModelMaps::GroupModelMaps;
  Eigen::VectorXd scale;         ///< MAD / 0.6745 of the residuals
  Eigen::VectorXd least_weight;  ///< smallest weight of a participant, 1 without outliers
};

/// Huber's M-estimate in each voxel by iteratively reweighted least squares, starting from OLS.
///
/// In each step the scale is the median absolute residual (about 0) over 0.6745 and a participant's
/// weight min(1, k scale / |r|), until no weighted residual moves by more than 1e-10 of the spread.
/// The covariance is Huber's: K^2 [sum psi^2 / (n - p)] / mean(psi')^2 (X'X)^-1 with K = 1 + p
/// var(psi') / (n mean(psi')^2), and t and F have n - p degrees of freedom. First-level variances
/// are not used.
///
/// @param effects  (n_participants, n_voxels), NaN where missing.
/// @throws as check_group_model. Voxels whose scale is 0 have the status no_variance.
/// @source Huber 1981, Robust Statistics, 7.6 and 7.10; the conventions are those of R's MASS::rlm.
RobustMaps fit_robust(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                      const Eigen::Ref<const Eigen::MatrixXd>& design,
                      const std::vector<Eigen::MatrixXd>& contrasts,
                      const RobustOptions& options = {});

}  // namespace sociometer
