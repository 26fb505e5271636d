#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Neural activity behind a series, on a grid finer than the scans.
struct Deconvolved {
  Eigen::VectorXd neural;     ///< x, (n_fine)
  double signal_share = 0;    ///< variance of the convolved x over that of the adjusted series
  double log_likelihood = 0;  ///< restricted, at the estimated variances
  /// The ratio of variances is the smallest that is tried: the series has nothing of the response's
  /// shape; or the largest: it has no noise.
  bool no_signal = false, no_noise = false;
};

/// Deconvolves a series as proposed by Gitelman et al. 2003; not the numbers of SPM, whose grid,
/// padding and estimation are its own.
///
/// y = S H B c + N g + e: B are cosines on the fine grid, as many as scans; H convolves with the
/// response, S takes the bin of each scan; c ~ N(0, vc I), e ~ N(0, ve I); N has no prior. vc / ve
/// maximises the restricted likelihood; x is B times the posterior mean of c. There is no activity
/// before the first scan.
/// @param series    y, (n_scans).
/// @param nuisance  N, (n_scans, k), of any rank: confounds, drift, constant.
/// @param response  of one bin's activity, on the grid, (n).
/// @param bins      of a scan; scan i is bin i * bins + offset. The grid has n_scans * bins bins,
///                  or as many as the last scan needs: one more where the offset is `bins`, as for
///                  volumes at the end of their acquisition.
/// @throws Error{bad_input} if nothing of the series is left beside the nuisance.
/// @cost  n_scans^3; some tenths of a second for 500 scans.
/// @source Gitelman, Penny, Ashburner & Friston 2003, NeuroImage 19.
Deconvolved deconvolve(const Eigen::VectorXd& series, const Eigen::MatrixXd& nuisance,
                       const Eigen::VectorXd& response, int bins, int offset);

/// The activity convolved with the response, at the scans i * bins + offset within the grid.
Eigen::VectorXd convolved_at_scans(const Eigen::VectorXd& neural, const Eigen::VectorXd& response,
                                   int bins, int offset);

/// Orthonormal columns that span the complement of `columns`, (n, n - rank).
Eigen::MatrixXd complement_of(const Eigen::MatrixXd& columns);

}  // namespace sociometer
