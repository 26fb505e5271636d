#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// The power of a run's residuals by frequency, mean over voxels: flat, and 1, where the noise
/// model holds and the design has taken nothing out.
struct ResidualSpectrum {
  Eigen::VectorXd frequency_hz;  ///< k / (n TR) for k = 1 .. n / 2
  Eigen::VectorXd power;         ///< relative to white noise of the same variance
  Eigen::Index n_voxels = 0;     ///< that have residuals
};

/// Fits each voxel by least squares after whitening it and the design by the voxel's own
/// autoregression, and takes the periodogram of the residuals over their mean square (with n - rank
/// degrees of freedom). A running mean over 5 frequencies follows.
///
/// The first scans, which have no predecessors, are left out: an approximation of the exact fit,
/// where they are whitened by the process's own covariance.
/// @param series  (n_scans, n_voxels), evenly spaced in time; voxels that are constant or not
///                finite are left out.
/// @param design  (n_scans, n_columns), of any rank.
/// @param ar      (order, n_voxels), e(t) = sum of ar_k e(t - k) + innovation; no rows: residuals
/// as
///                they are.
/// @throws std::logic_error unless the shapes agree and scans remain after order and rank.
/// @cost  with ar a factorisation of the design per voxel: 2 n_scans n_columns^2 flops.
/// @source Brockwell & Davis 1991, Time Series: Theory and Methods, 10.3 (periodogram).
ResidualSpectrum residual_spectrum(const Eigen::Ref<const Eigen::MatrixXf>& series,
                                   const Eigen::Ref<const Eigen::MatrixXd>& design,
                                   const Eigen::Ref<const Eigen::MatrixXd>& ar, double tr_s);

}  // namespace sociometer
