#include "engine/group/tail_approximation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// Anderson-Darling statistic that a fitted tail reaches with a probability of .05 when both
/// parameters are estimated. Shapes above the table's last are rejected: such an abrupt end is
/// not a tail.
double critical_value(double shape) {
  struct Entry {
    double shape, value;
  };
  constexpr Entry kLow{0.5, 0.830}, kHigh{0.9, 0.771};
  if (!(shape <= kHigh.shape)) return 0;
  const double at = (std::max(shape, kLow.shape) - kLow.shape) / (kHigh.shape - kLow.shape);
  return kLow.value + at * (kHigh.value - kLow.value);
}

}  // namespace

double ParetoTail::p(double x) const {
  const double y = (x - threshold) / scale;
  if (std::abs(shape) < 1e-12) return share * std::exp(-y);
  return shape * y >= 1 ? 0 : share * std::exp(std::log1p(-shape * y) / shape);
}

double PearsonThree::p(double x) const { return p_from_pearson3(x, mean, sd, skewness); }

double anderson_darling(std::span<const double> above, const ParetoTail& tail) {
  const size_t n = above.size();
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const double least = tail.p(above[n - 1 - i]) / tail.share,
                 other = tail.p(above[i]) / tail.share;
    sum += double(2 * i + 1) * (std::log(least) + std::log1p(-other));
  }
  return -double(n) - sum / double(n);
}

std::optional<ParetoTail> fit_pareto_tail(std::span<const double> largest, size_t n) {
  require(largest.size() <= n, "no more values above the threshold than there are");
  for (int thousandth = 751; thousandth < 991; thousandth += 10) {
    // Values whose rank, counted from the smallest, is at least this share of all.
    const auto below = size_t(std::ceil(double(n) * thousandth / 1000 - 1e-9)) - 1;
    const size_t n_above = n - below;
    if (n_above < size_t(kLeastAbove)) break;
    if (n_above + 1 > largest.size()) continue;
    const auto above = largest.last(n_above);
    ParetoTail tail;
    tail.threshold = (above[0] + largest[largest.size() - n_above - 1]) / 2;
    tail.n_above = long(n_above);
    tail.share = double(n_above) / double(n);
    double mean = 0, squares = 0;
    for (const double x : above) mean += (x - tail.threshold) / double(n_above);
    for (const double x : above) squares += std::pow(x - tail.threshold - mean, 2);
    const double ratio = mean * mean * double(n_above - 1) / squares;
    tail.scale = mean * (ratio + 1) / 2;
    tail.shape = (ratio - 1) / 2;
    if (!(squares > 0) || !std::isfinite(ratio)) continue;
    if (anderson_darling(above, tail) < critical_value(tail.shape)) return tail;
  }
  return std::nullopt;
}

std::optional<PearsonThree> fit_pearson_three(double from, double n, double sum, double squares,
                                              double cubes) {
  if (n < 3) return std::nullopt;
  const double m = sum / n, second = squares / n - m * m,
               third = cubes / n - 3 * m * squares / n + 2 * m * m * m;
  if (!(second > 1e-14 * squares / n)) return std::nullopt;
  return PearsonThree{from + m, std::sqrt(second * n / (n - 1)),
                      third / std::pow(second, 1.5) * std::sqrt(n * (n - 1)) / (n - 2)};
}

std::optional<PearsonThree> fit_pearson_three(std::span<const double> values) {
  if (std::ranges::adjacent_find(values, std::not_equal_to{}) == values.end()) return std::nullopt;
  double mean = 0, sum = 0, squares = 0, cubes = 0;
  for (const double x : values) mean += x / double(values.size());
  for (const double x : values) {
    const double d = x - mean;
    sum += d;
    squares += d * d;
    cubes += d * d * d;
  }
  return fit_pearson_three(mean, double(values.size()), sum, squares, cubes);
}

NullTail::NullTail(TailMethod method, std::span<const double> sorted, double below)
    : below_(below) {
  if (method == TailMethod::gpd) pareto_ = fit_pareto_tail(sorted, sorted.size());
  if (method == TailMethod::gamma) pearson_ = fit_pearson_three(sorted);
}

NullTail NullTail::pareto_of(std::span<const double> largest, size_t n, double below) {
  NullTail tail;
  tail.below_ = below;
  tail.pareto_ = fit_pareto_tail(largest, n);
  return tail;
}

double NullTail::p(double x, double shuffled) const {
  // Beyond the bound of a bounded distribution only the p of the permutations is available.
  if (pearson_)
    if (const double p = pearson_->p(x); p > 0) return p;
  if (pareto_ && shuffled < below_ && x >= pareto_->threshold) return pareto_->p(x);
  return shuffled;
}

}  // namespace sociometer
