#include "engine/stats/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Residual of x after regression on the nuisance; zeros where it is only rounding error.
Eigen::VectorXd left_of(const Eigen::VectorXd& x,
                        const Eigen::ColPivHouseholderQR<Eigen::MatrixXd>& nuisance) {
  Eigen::VectorXd coordinates = nuisance.householderQ().adjoint() * x;
  coordinates.head(nuisance.rank()).setZero();
  const Eigen::VectorXd rest = nuisance.householderQ() * coordinates;
  return rest.norm() > 1e-12 * x.norm() ? rest : Eigen::VectorXd::Zero(x.size());
}

/// @param widening  factor on the variance of Fisher's z: 1, or 1 + r^2 / 2.
void add_interval(CorrelationFigures& c, double level, double widening) {
  if (!(c.dof > 1)) return;
  const double half = z_from_log_sf(std::log((1 - level) / 2)) * std::sqrt(widening / (c.dof - 1));
  c.lower = std::tanh(std::atanh(c.r) - half);
  c.upper = std::tanh(std::atanh(c.r) + half);
}

CorrelationFigures correlation_of(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                  const Eigen::MatrixXd& nuisance) {
  require(x.size() == y.size() && x.size() == nuisance.rows(), "as many values of each");
  CorrelationFigures out;
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(nuisance);
  const Eigen::VectorXd a = left_of(x, qr), b = left_of(y, qr);
  out.dof = double(x.size() - 1 - qr.rank());
  if (!(out.dof > 0) || a.norm() == 0 || b.norm() == 0) return out;
  out.r = std::clamp(a.dot(b) / (a.norm() * b.norm()), -1.0, 1.0);
  out.t = out.r * std::sqrt(out.dof / (1 - out.r * out.r));
  out.p = std::min(1.0, 2 * p_from_t(std::abs(out.t), out.dof));
  return out;
}

}  // namespace

CorrelationFigures pearson_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                       const Eigen::MatrixXd& nuisance, double level) {
  CorrelationFigures out = correlation_of(x, y, nuisance);
  add_interval(out, level, 1);
  return out;
}

CorrelationFigures spearman_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                        const Eigen::MatrixXd& nuisance, double level) {
  Eigen::MatrixXd ranks(nuisance.rows(), nuisance.cols());
  for (Index c = 0; c < ranks.cols(); ++c) ranks.col(c) = mid_ranks(nuisance.col(c));
  CorrelationFigures out = correlation_of(mid_ranks(x), mid_ranks(y), ranks);
  add_interval(out, level, 1 + out.r * out.r / 2);
  return out;
}

Eigen::VectorXd mid_ranks(const Eigen::VectorXd& values) {
  std::vector<Index> order(size_t(values.size()));
  std::iota(order.begin(), order.end(), Index(0));
  std::sort(order.begin(), order.end(), [&](Index i, Index j) { return values[i] < values[j]; });
  Eigen::VectorXd ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (size_t k = first; k < end; ++k) ranks[order[k]] = 0.5 * double(first + 1 + end);
    first = end;
  }
  return ranks;
}

double attenuated_correlation(double r, double reliability) { return r * std::sqrt(reliability); }

}  // namespace sociometer
