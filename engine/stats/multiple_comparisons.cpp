#include "engine/stats/multiple_comparisons.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Indices of the p-values that are not NaN, in ascending order of p.
std::vector<size_t> ascending_tests(std::span<const double> p) {
  std::vector<size_t> order;
  order.reserve(p.size());
  for (size_t i = 0; i < p.size(); ++i) {
    if (std::isnan(p[i])) continue;
    require(p[i] >= 0 && p[i] <= 1, "p-values lie between 0 and 1");
    order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  return order;
}

/// Multiplier of the k-th smallest (from 0) of m p-values.
double factor(Adjustment adjustment, size_t k, size_t m, double harmonic) {
  const double rank = double(k + 1), count = double(m);
  switch (adjustment) {
    case Adjustment::none:
      return 1;
    case Adjustment::bonferroni:
      return count;
    case Adjustment::holm:
      return count - rank + 1;
    case Adjustment::benjamini_hochberg:
      return count / rank;
    case Adjustment::benjamini_yekutieli:
      return harmonic * count / rank;
  }
  return 1;
}

}  // namespace

std::vector<double> adjusted_p(std::span<const double> p, Adjustment adjustment) {
  const std::vector<size_t> order = ascending_tests(p);
  const size_t m = order.size();
  double harmonic = 0;
  for (size_t k = m; k > 0; --k) harmonic += 1.0 / double(k);
  std::vector<double> adjusted(p.size(), std::numeric_limits<double>::quiet_NaN());
  const auto raw = [&](size_t k) {
    return std::min(1.0, factor(adjustment, k, m, harmonic) * p[order[k]]);
  };
  // Step-down procedures stop at the first test not rejected, step-up ones at the last rejected.
  double reached = adjustment == Adjustment::holm ? 0.0 : 1.0;
  for (size_t i = 0; i < m; ++i) {
    const size_t k = adjustment == Adjustment::holm ? i : m - 1 - i;
    reached =
        adjustment == Adjustment::holm ? std::max(reached, raw(k)) : std::min(reached, raw(k));
    adjusted[order[k]] = reached;
  }
  return adjusted;
}

double p_threshold(std::span<const double> p, Adjustment adjustment, double level) {
  const std::vector<double> adjusted = adjusted_p(p, adjustment);
  double threshold = std::numeric_limits<double>::quiet_NaN();
  for (size_t i = 0; i < p.size(); ++i)
    if (adjusted[i] <= level && !(p[i] <= threshold)) threshold = p[i];
  return threshold;
}

}  // namespace sociometer
