#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// A design reduced to an orthonormal basis of its column space.
///
/// X = Z A with Z'Z = I and rank(X) columns in Z. Columns of X are first scaled to unit length, so
/// that the rank does not depend on units; singular values below max(n, p) * epsilon times the
/// largest count as zero. With gamma the coefficients on Z, those on X are beta = B gamma (the
/// minimum-norm solution in the scaled columns), and a contrast c on beta is the contrast B'c on
/// gamma. Estimation needs nothing else, whatever the rank.
/// @source Golub & Van Loan, Matrix Computations, 4th ed., 5.5.
class EstimableSpace {
 public:
  /// @param design  X, (n_scans, n_columns), finite.
  /// @cost  one singular value decomposition.
  explicit EstimableSpace(const Eigen::MatrixXd& design);

  Eigen::Index rank() const { return basis_.cols(); }
  /// Z, (n_scans, rank).
  const Eigen::MatrixXd& basis() const { return basis_; }
  /// B, (n_columns, rank).
  const Eigen::MatrixXd& betas_from_coordinates() const { return betas_from_coordinates_; }
  /// B'c.
  Eigen::VectorXd coordinates(const Eigen::VectorXd& contrast) const {
    return betas_from_coordinates_.transpose() * contrast;
  }
  /// Whether c'beta is the same for every least-squares solution beta; false for c = 0.
  bool is_estimable(const Eigen::VectorXd& contrast) const;
  bool is_zero_column(Eigen::Index column) const { return zero_columns_[size_t(column)] != 0; }
  /// Replaces Z by Z Q, with Q orthogonal, (rank, rank): another basis of the same space.
  void rotate(const Eigen::MatrixXd& q) {
    basis_ *= q;
    betas_from_coordinates_ *= q;
  }
  /// Z'y.
  Eigen::VectorXd projection(const Eigen::VectorXd& y) const { return basis_.transpose() * y; }

 private:
  std::vector<uint8_t> zero_columns_;
  Eigen::VectorXd column_norms_;
  Eigen::MatrixXd basis_, row_space_, betas_from_coordinates_;
};

}  // namespace sociometer
