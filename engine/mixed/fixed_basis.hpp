#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Fixed effects in orthogonal columns of mean square 1, so that neither the units, nor the means,
/// nor the correlations of the columns take digits away: X = q R.
struct FixedBasis {
  Eigen::MatrixXd q;          ///< (n_rows, n_effects)
  Eigen::MatrixXd r_inverse;  ///< (n_effects, n_effects), upper triangular
  double log_det = 0;         ///< log |R|^2: what log |X'VX| has beyond log |q'Vq|

  /// @param x  (n_rows, n_effects), of full column rank.
  explicit FixedBasis(const Eigen::MatrixXd& x);
  /// Effects of the columns of X.
  Eigen::VectorXd effects(const Eigen::VectorXd& coefficients) const {
    return r_inverse * coefficients;
  }
  Eigen::MatrixXd covariance(const Eigen::MatrixXd& of_coefficients) const {
    return r_inverse * of_coefficients * r_inverse.transpose();
  }
};

}  // namespace sociometer
