#include "engine/stats/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sociometer {
namespace {

/// @param values  not empty; reordered.
double quantile(std::vector<double>& values, double p) {
  const double at = p * double(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(std::floor(at));
  const auto nth = values.begin() + below;
  std::nth_element(values.begin(), nth, values.end());
  if (double(below) == at) return *nth;
  const double next = *std::min_element(nth + 1, values.end());
  return *nth + (at - double(below)) * (next - *nth);
}

}  // namespace

SpreadOfValues spread_of(const Eigen::Ref<const Eigen::VectorXd>& values) {
  std::vector<double> finite;
  finite.reserve(size_t(values.size()));
  for (const double v : values)
    if (std::isfinite(v)) finite.push_back(v);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (finite.empty()) return {kNone, kNone, kNone, 0};
  const auto n = Eigen::Index(finite.size());
  return {quantile(finite, 0.05), quantile(finite, 0.5), quantile(finite, 0.95), n};
}

SpreadOfValues spread_of_positive(const Eigen::Ref<const Eigen::VectorXf>& values) {
  return spread_of(values.unaryExpr(
      [](float v) { return v > 0 ? double(v) : std::numeric_limits<double>::quiet_NaN(); }));
}

double median_of(std::span<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace sociometer
