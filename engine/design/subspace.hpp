#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Takes from each column its projection onto the columns before it, without rescaling.
/// Columns of zeros stay zero and take nothing from the others; a column of which less than 1e-10
/// is left is rounding error of the others and becomes zero.
/// @cost  n_rows n_columns^2.
void orthogonalise_serially(Eigen::Ref<Eigen::MatrixXd> columns);

/// `rest`, or zeros when it is rounding error beside what was there before.
Eigen::VectorXd without_residue(const Eigen::VectorXd& rest, double norm_before);

/// What is left of `column` after projection onto the columns of `basis` (any rank).
Eigen::VectorXd residual_of(const Eigen::VectorXd& column, const Eigen::MatrixXd& basis);

}  // namespace sociometer
