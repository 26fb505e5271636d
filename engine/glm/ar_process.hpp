#pragma once
#include <array>

#include <Eigen/Dense>

#include "engine/glm/noise_model.hpp"

namespace sociometer {

/// AR coefficients phi_1 .. phi_K of y_t = sum phi_k y_{t-k} + e_t.
using ArCoefficients = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMaxArOrder, 1>;

/// Autocovariances at lags 0 .. K.
using Autocovariances = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMaxArOrder + 1, 1>;

/// Solves the Yule-Walker equations for autocovariances r_0 .. r_K (any common scale).
/// @source Brockwell & Davis 1991, 8.1; Levinson 1947, Durbin 1960.
ArCoefficients yule_walker(const Autocovariances& autocovariance);

/// The last coefficients of the processes of orders 1 .. K with the same first
/// autocorrelations (step-down recursion); some exceed one in size if phi is not stationary.
ArCoefficients partial_autocorrelations(const ArCoefficients& phi);

/// Whether all roots lie outside the unit circle (all partial autocorrelations within (-1, 1)).
bool is_stationary(const ArCoefficients& phi);

/// The inverse covariance of n >= K consecutive scans of a stationary AR(K), in units of the
/// innovation variance: Toeplitz except for a K x K corner at each end.
///
///   Omega(t, t +- d) = w_d,   minus corner(i, j) for the i-th and j-th scan from either end.
///
/// @source Siddiqui 1958, Ann Math Stat 29:585; Gohberg & Semencul 1972.
struct ArPrecision {
  std::array<double, kMaxArOrder + 1> w{};  ///< w_0 .. w_K
  std::array<std::array<double, kMaxArOrder>, kMaxArOrder> corner{};
  int order = 0;
};
ArPrecision ar_precision(const ArCoefficients& phi);

}  // namespace sociometer
