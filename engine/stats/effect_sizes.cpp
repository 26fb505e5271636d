#include "engine/stats/effect_sizes.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using NoncentralPolicy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

/// P(T <= t) - probability, evaluated in the smaller tail so that no digits are lost near 1.
double tail_difference(double t, double dof, double noncentrality, double probability) {
  const boost::math::non_central_t_distribution<double, NoncentralPolicy> distribution(
      dof, noncentrality);
  if (probability <= 0.5) return cdf(distribution, t) - probability;
  return (1 - probability) - cdf(complement(distribution, t));
}

struct Moments {
  double n = 0, mean = 0, squares = 0;  ///< sum of squared deviations from the mean
};

Moments moments(std::span<const double> values) {
  if (values.size() < 2)
    fail(ErrorCode::bad_input, "an effect size needs at least 2 values, got {}", values.size());
  Moments m;
  m.n = double(values.size());
  for (double v : values) m.mean += v / m.n;
  for (double v : values) m.squares += (v - m.mean) * (v - m.mean);
  return m;
}

void require_pairs(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size())
    fail(ErrorCode::shape_mismatch, "paired values differ in number: {} and {}", a.size(),
         b.size());
}

}  // namespace

double hedges_factor(double dof) {
  if (!(dof > 1)) return std::numeric_limits<double>::quiet_NaN();
  // tgamma_delta_ratio(a, d) is Gamma(a) / Gamma(a + d): no overflow for thousands of dof.
  return 1 / (std::sqrt(dof / 2) * boost::math::tgamma_delta_ratio((dof - 1) / 2, 0.5));
}

double noncentrality_from_t(double t, double dof, double probability) {
  if (std::isnan(t)) return t;
  const auto difference = [&](double delta) { return tail_difference(t, dof, delta, probability); };
  // P(T <= t) decreases with the noncentrality; widen the bracket until it holds the root.
  double low = t - 3, high = t + 3;
  double at_low = difference(low), at_high = difference(high);
  for (double step = 3 + 0.2 * std::abs(t); at_low < 0 && step < 1e6; step *= 1.6) {
    high = low;
    at_high = at_low;
    low -= step;
    at_low = difference(low);
  }
  for (double step = 3 + 0.2 * std::abs(t); at_high > 0 && step < 1e6; step *= 1.6) {
    low = high;
    at_low = at_high;
    high += step;
    at_high = difference(high);
  }
  if (!(at_low >= 0) || !(at_high <= 0)) return std::numeric_limits<double>::quiet_NaN();
  std::uintmax_t iterations = 100;
  const auto [left, right] =
      boost::math::tools::toms748_solve(difference, low, high, at_low, at_high,
                                        boost::math::tools::eps_tolerance<double>(46), iterations);
  return (left + right) / 2;
}

EffectSize effect_size_from_t(double t, double dof, double scale, double level) {
  require(level > 0 && level < 1, "the level of an interval lies between 0 and 1");
  const double tail = (1 - level) / 2, j = hedges_factor(dof);
  EffectSize e;
  e.d = t * scale;
  e.d_lower = noncentrality_from_t(t, dof, 1 - tail) * scale;
  e.d_upper = noncentrality_from_t(t, dof, tail) * scale;
  e.g = j * e.d;
  e.g_lower = j * e.d_lower;
  e.g_upper = j * e.d_upper;
  return e;
}

EffectSize one_sample_effect_size(std::span<const double> values, double null_mean, double level) {
  const Moments m = moments(values);
  const double t = (m.mean - null_mean) / std::sqrt(m.squares / (m.n - 1) / m.n);
  return effect_size_from_t(t, m.n - 1, 1 / std::sqrt(m.n), level);
}

EffectSize two_sample_effect_size(std::span<const double> a, std::span<const double> b,
                                  double level) {
  const Moments m = moments(a), k = moments(b);
  const double dof = m.n + k.n - 2, scale = std::sqrt(1 / m.n + 1 / k.n);
  const double d = (m.mean - k.mean) / std::sqrt((m.squares + k.squares) / dof);
  return effect_size_from_t(d / scale, dof, scale, level);
}

EffectSize paired_effect_size(std::span<const double> a, std::span<const double> b, double level) {
  require_pairs(a, b);
  std::vector<double> differences(a.size());
  for (size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  return one_sample_effect_size(differences, 0, level);
}

double paired_d_average(std::span<const double> a, std::span<const double> b) {
  require_pairs(a, b);
  const Moments m = moments(a), k = moments(b);
  return (m.mean - k.mean) / std::sqrt((m.squares + k.squares) / (m.n - 1) / 2);
}

}  // namespace sociometer
