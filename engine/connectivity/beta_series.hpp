#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Correlation over trials of the amplitudes of two regions.
struct SeriesCorrelation {
  Eigen::Index n = 0;          ///< trials with an amplitude in both
  Eigen::Index n_runs = 0;     ///< of these trials
  double r = 0, fisher_z = 0;  ///< NaN with n - n_runs below 3 or without spread
};

/// Pearson's correlation over the trials where both are finite, both less the means of their run's
/// trials, and Fisher's z = atanh r, whose standard error is 1 / sqrt(n - n_runs - 2) for
/// independent trials.
/// @param run  of each trial; empty: one.
/// @source Rissman, Gazzaley & D'Esposito 2004, NeuroImage 23.
SeriesCorrelation correlate_series(const Eigen::Ref<const Eigen::VectorXd>& seed,
                                   const Eigen::Ref<const Eigen::VectorXd>& other,
                                   const std::vector<std::string>& run = {});

/// A mean over participants against 0.
struct ZTest {
  Eigen::Index n = 0;
  double mean = 0, sd = 0, t = 0, dof = 0, p = 0;  ///< NaN with fewer than 3 participants
};

/// One-sample t of the finite values.
ZTest test_mean(const std::vector<double>& values);

}  // namespace sociometer
