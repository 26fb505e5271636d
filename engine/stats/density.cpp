#include "engine/stats/density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace sociometer {
namespace {

/// Quantile of sorted values, interpolated between ranks 1 + (n - 1) q (Hyndman & Fan's type 7).
double quantile_of_sorted(const std::vector<double>& sorted, double q) {
  const double place = double(sorted.size() - 1) * q;
  const auto below = size_t(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - double(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

double silverman_bandwidth(const Eigen::VectorXd& values) {
  const auto n = double(values.size());
  if (n < 2) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double sd = std::sqrt((values.array() - values.mean()).square().sum() / (n - 1));
  const double iqr = quantile_of_sorted(sorted, 0.75) - quantile_of_sorted(sorted, 0.25);
  const double spread = iqr > 0 ? std::min(sd, iqr / 1.34) : sd;
  return 0.9 * spread * std::pow(n, -0.2);
}

Eigen::VectorXd kernel_density(const Eigen::VectorXd& values, const Eigen::VectorXd& at,
                               double bandwidth) {
  const double height = 1 / (std::sqrt(2 * std::numbers::pi) * bandwidth *
                             double(std::max<Eigen::Index>(1, values.size())));
  Eigen::VectorXd density(at.size());
  for (Eigen::Index k = 0; k < at.size(); ++k)
    density[k] = height * (-0.5 * ((values.array() - at[k]) / bandwidth).square()).exp().sum();
  return density;
}

}  // namespace sociometer
