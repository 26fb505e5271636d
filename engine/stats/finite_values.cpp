#include "engine/stats/finite_values.hpp"

#include <algorithm>

#include "engine/core/missing.hpp"

namespace sociometer {
ValueRange finite_range(const Eigen::Ref<const Eigen::VectorXd>& values) {
  ValueRange range;
  for (const double v : values)
    if (std::isfinite(v)) {
      range.low = std::min(range.low, v);
      range.high = std::max(range.high, v);
    }
  return range;
}

double finite_mean(const Eigen::Ref<const Eigen::VectorXd>& values) {
  double sum = 0, n = 0;
  for (const double v : values)
    if (std::isfinite(v)) sum += v, ++n;
  return n > 0 ? sum / n : kNaN;
}

bool all_missing(const Eigen::Ref<const Eigen::VectorXd>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

double largest_magnitude(const Eigen::Ref<const Eigen::VectorXd>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

Eigen::VectorXd finite_or_missing(const Eigen::Ref<const Eigen::VectorXd>& values) {
  return values.unaryExpr([](double v) { return std::isfinite(v) ? v : kNaN; });
}

Eigen::VectorXd standard_deviations(const Eigen::Ref<const Eigen::VectorXd>& variances) {
  return variances.unaryExpr([](double v) { return v >= 0 ? std::sqrt(v) : kNaN; });
}

bool are_copies(const Eigen::Ref<const Eigen::VectorXd>& a,
                const Eigen::Ref<const Eigen::VectorXd>& b, Eigen::Index fewest, double tolerance) {
  if (a.size() != b.size()) return false;
  Eigen::Index n = 0;
  for (Eigen::Index v = 0; v < a.size(); ++v) {
    if (std::isfinite(a[v]) != std::isfinite(b[v])) return false;
    if (!std::isfinite(a[v])) continue;
    if (std::abs(a[v] - b[v]) > tolerance * std::abs(a[v])) return false;
    n += a[v] != 0;
  }
  return n >= fewest;
}

}  // namespace sociometer
