#pragma once
#include <Eigen/Dense>

#include "engine/glm/ar_process.hpp"
#include "engine/glm/lag_sums.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// Generalised least squares of one voxel from its lag sums. One per thread; holds work space only.
///
/// With Omega the inverse noise covariance (ArPrecision), M = E' Omega E, b = E' Omega y and y'
/// Omega y are all linear in the lag sums: no scan is looked at again.
class VoxelSolver {
 public:
  VoxelSolver(const RunDesign& design, const NoiseModel& model);

  /// Autocovariances of the least-squares residuals at lags 0 .. order, each divided by its number
  /// of pairs of kept scans.
  Eigen::VectorXd residual_autocovariance(const LagSums::Voxel& sums) const;
  /// Sum of the least-squares residuals over kept scans.
  double residual_sum(const LagSums::Voxel& sums) const;
  /// Autocovariances of the residuals minus a given mean, as nilearn computes them (order 1).
  Eigen::VectorXd residual_autocovariance(const LagSums::Voxel& sums, double mean) const;

  /// Sets the noise; false when the weighted design cannot be inverted.
  bool set_noise(const ArCoefficients& phi);

  struct Solution {
    Eigen::VectorXd coordinates;  ///< gamma on RunDesign::space
    double residual_squares = 0;  ///< in units of the innovation variance
    double total_squares = 0;     ///< the same for a model of the constant alone
  };
  void solve(const LagSums::Voxel& sums, Solution& out);
  /// C (Z' Omega Z)^-1 C' for contrasts on gamma, rows of `coordinates`.
  Eigen::MatrixXd covariance(const Eigen::MatrixXd& coordinates);

 private:
  Eigen::VectorXd residual_coefficients(const LagSums::Voxel& sums) const;
  void form_normal_matrix(const ArPrecision& precision);
  double explained_by_constant(const Eigen::VectorXd& b, double on_constant,
                               const Eigen::VectorXd& weighted_constant,
                               double constant_squares) const;

  const RunDesign& design_;
  bool head_corner_;  ///< nilearn leaves the first scan as it is
  ArPrecision precision_;
  Eigen::MatrixXd normal_;  ///< M over all working columns
  Eigen::LLT<Eigen::MatrixXd> factor_;
};

}  // namespace sociometer
