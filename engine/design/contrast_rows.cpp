#include "engine/design/contrast_rows.hpp"

#include <cmath>

namespace sociometer {

bool is_difference(const WeightRows& d, const WeightRows& a, const WeightRows& b) {
  if (d.size() != 1 || a.size() != 1 || b.size() != 1) return false;
  const size_t n = d[0].size();
  if (a[0].size() != n || b[0].size() != n) return false;
  double largest = 0, factor = 0;
  for (size_t i = 0; i < n; ++i)
    if (const double less = a[0][i] - b[0][i]; std::abs(less) > largest)
      largest = std::abs(less), factor = d[0][i] / less;
  if (factor == 0) return false;
  for (size_t i = 0; i < n; ++i)
    if (std::abs(d[0][i] - factor * (a[0][i] - b[0][i])) > 1e-9 * std::abs(factor) * largest)
      return false;
  return true;
}

std::vector<Eigen::Index> weighted_columns(const Eigen::Ref<const Eigen::MatrixXd>& weights) {
  std::vector<Eigen::Index> columns;
  for (Eigen::Index j = 0; j < weights.cols(); ++j)
    if ((weights.col(j).array() != 0).any()) columns.push_back(j);
  return columns;
}

}  // namespace sociometer
