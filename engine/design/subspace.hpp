#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Removes from each column its projection onto the columns before it, without rescaling. Zero
/// columns stay zero and do not affect the others; a column whose residual is below 1e-10 of its
/// norm is linearly dependent up to rounding error and becomes zero.
/// @cost  n_rows n_columns^2.
void orthogonalise_serially(Eigen::Ref<Eigen::MatrixXd> columns);

/// `rest`, or zeros if it is at most 1e-10 * `norm_before`, i.e. rounding error.
Eigen::VectorXd without_residue(const Eigen::VectorXd& rest, double norm_before);

/// Residual of `column` after projection onto the columns of `basis` (any rank).
Eigen::VectorXd residual_of(const Eigen::VectorXd& column, const Eigen::MatrixXd& basis);

/// Whether a constant is a linear combination of the columns, to six digits: tables of designs have
/// no more.
/// @param columns  (n_rows, n_columns), of any rank.
bool spans_constant(const Eigen::MatrixXd& columns);

}  // namespace sociometer
