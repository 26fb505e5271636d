#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Weights of a contrast, row by row, as records have them.
using WeightRows = std::vector<std::vector<double>>;

/// Whether d is the difference a - b times a number other than 0, to 1e-9 of the largest
/// difference.
/// @return false unless each has one row (t contrasts), on the same columns.
bool is_difference(const WeightRows& d, const WeightRows& a, const WeightRows& b);

/// Columns with a weight other than 0 in any row, ascending.
/// @param weights  (n_rows, n_columns).
std::vector<Eigen::Index> weighted_columns(const Eigen::Ref<const Eigen::MatrixXd>& weights);

}  // namespace sociometer
