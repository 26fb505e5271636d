#pragma once
#include <cmath>

#include <Eigen/Dense>

namespace sociometer {

/// log of the sum of exp(x), without overflow; -inf if all are -inf.
inline double log_sum_exp(const Eigen::VectorXd& x) {
  const double top = x.maxCoeff();
  return std::isfinite(top) ? top + std::log((x.array() - top).exp().sum()) : top;
}

}  // namespace sociometer
