#include "engine/design/subspace.hpp"

namespace sociometer {

Eigen::VectorXd residual_of(const Eigen::VectorXd& column, const Eigen::MatrixXd& basis) {
  if (basis.cols() == 0) return column;
  const Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> qr(basis);
  const Eigen::MatrixXd q = Eigen::MatrixXd(qr.householderQ()).leftCols(qr.rank());
  // Twice: once leaves a remainder when the column lies almost within the basis.
  Eigen::VectorXd rest = column - q * (q.transpose() * column);
  rest -= q * (q.transpose() * rest);
  return rest;
}

bool spans_constant(const Eigen::MatrixXd& columns) {
  constexpr double kDigitsOfTables = 1e-6;
  const Eigen::VectorXd one = Eigen::VectorXd::Ones(columns.rows());
  return residual_of(one, columns).norm() < kDigitsOfTables * one.norm();
}

Eigen::VectorXd without_residue(const Eigen::VectorXd& rest, double norm_before) {
  constexpr double kRounding = 1e-10;
  if (rest.norm() <= kRounding * norm_before) return Eigen::VectorXd::Zero(rest.size());
  return rest;
}

void orthogonalise_serially(Eigen::Ref<Eigen::MatrixXd> columns) {
  for (Eigen::Index i = 1; i < columns.cols(); ++i)
    columns.col(i) =
        without_residue(residual_of(columns.col(i), columns.leftCols(i)), columns.col(i).norm());
}

}  // namespace sociometer
