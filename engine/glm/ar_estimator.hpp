#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/ar_process.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// Expected autocovariances of least-squares residuals.
///
/// Residuals R y, R = I - Z Z' over kept scans, have less low-frequency power than the noise, which
/// biases their autocorrelations downward. For noise with autocovariances gamma_j,
///   E[sum_t e_t e_{t+k}] = sum_j m_kj gamma_j,   m_kj = sum over |s - t| = j of (R D_k R)_st,
/// D_k the symmetric shift by k. The sums run over all lags, not the first few.
/// @source Worsley et al. 2002 NeuroImage 15:1, appendix (there with gamma_j = 0 beyond the order).
class ResidualMoments {
 public:
  /// @cost  order * n_scans^2 * rank.
  explicit ResidualMoments(const RunDesign& design);

  /// Expected sums over pairs, each divided by its number of pairs, for AR noise;
  /// lags 0 .. order, in units of the noise's variance.
  Autocovariances expected(const ArCoefficients& phi) const;
  /// m, (order + 1, n_scans).
  const Eigen::MatrixXd& weights() const { return weights_; }
  int order() const { return int(weights_.rows()) - 1; }

 private:
  Eigen::MatrixXd weights_;
  std::vector<double> n_pairs_;
};

/// Autoregressive coefficients from the residuals' autocovariances (TileSolver).
class ArEstimator {
 public:
  ArEstimator(const RunDesign& design, const NoiseModel& model);

  /// @param r  lags 0 .. order, each divided by its number of pairs of kept scans.
  /// @return stationary coefficients (of the design's order; the last ones 0 where a lower order
  /// was selected); NaN when there is no residual variance.
  /// @cost  30 ns for AR(1), a few microseconds for higher orders.
  ArCoefficients operator()(const Autocovariances& r) const;

 private:
  ArCoefficients plain(Autocovariances r) const;
  ArCoefficients corrected(const Autocovariances& r, int order) const;
  double corrected_first(double correlation) const;
  ArCoefficients chosen(const Autocovariances& r) const;

  NoiseModel model_;
  std::vector<double> n_pairs_;
  double n_scans_;
  ResidualMoments moments_;
  std::vector<double> first_;  ///< expected lag-1 correlation on an even grid of coefficients
};

}  // namespace sociometer
