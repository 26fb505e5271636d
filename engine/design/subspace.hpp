#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Takes from each column its projection onto the columns before it, without rescaling.
/// Columns of zeros stay zero and take nothing from the others.
/// @cost  n_rows n_columns^2.
void orthogonalise_serially(Eigen::Ref<Eigen::MatrixXd> columns);

/// What is left of `column` after projection onto the columns of `basis` (any rank).
Eigen::VectorXd residual_of(const Eigen::VectorXd& column, const Eigen::MatrixXd& basis);

}  // namespace sociometer
