#include "engine/stats/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace sociometer {
namespace {

/// Far tails do not produce NaN by construction; Boost's errors must not become exceptions.
using Policy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;
const Policy kPolicy;

/// log B(a, b) without cancellation between three large log-gammas: Boost's tgamma_delta_ratio is
/// Gamma(a) / Gamma(a + b).
double log_beta(double a, double b) {
  if (a < b) std::swap(a, b);
  // Split into factors that do not underflow: the ratio is about (a + b)^-b.
  double sum = boost::math::lgamma(b, kPolicy);
  const double longest = 600 / std::log(a + b);
  for (double done = 0; done < b;) {
    const double step = std::min(b - done, longest);
    sum += std::log(boost::math::tgamma_delta_ratio(a + done, step, kPolicy));
    done += step;
  }
  return sum;
}

/// Continued fraction of the incomplete beta function, modified Lentz; x < (a+1)/(a+b+2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto guarded = [&](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1.0, d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0)), h = d;
  for (int m = 1; m < 100000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1.0 / guarded(1.0 + even * d);
    c = guarded(1.0 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1.0 / guarded(1.0 + odd * d);
    c = guarded(1.0 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1.0) < 1e-16) break;
  }
  return h;
}

/// log I_x(a, b); y = 1 - x is passed separately because either may be tiny.
double log_ibeta(double a, double b, double x, double y) {
  if (x <= 0) return -std::numeric_limits<double>::infinity();
  if (y <= 0) return 0.0;
  if (x > y) {
    // I_x(a, b) = 1 - I_y(b, a): compute whichever is small.
    const double rest = boost::math::ibeta(b, a, y, kPolicy);
    if (rest < 0.5) return std::log1p(-rest);
  }
  const double plain =
      x <= y ? boost::math::ibeta(a, b, x, kPolicy) : boost::math::ibetac(b, a, y, kPolicy);
  if (plain > 1e-280) return std::log(plain);
  // Of x and y, the smaller one is accurate.
  const double log_x = x <= y ? std::log(x) : std::log1p(-y);
  const double log_y = x <= y ? std::log1p(-x) : std::log(y);
  return a * log_x + b * log_y - std::log(a) - log_beta(a, b) + std::log(beta_fraction(a, b, x));
}

}  // namespace

double log_sf_t(double t, double dof) {
  if (std::isnan(t)) return t;
  const double t2 = t * t;
  const double log_half_tail =
      std::log(0.5) + (std::isinf(t) ? -std::numeric_limits<double>::infinity()
                                     : log_ibeta(dof / 2, 0.5, dof / (dof + t2), t2 / (dof + t2)));
  return t >= 0 ? log_half_tail : std::log1p(-std::exp(log_half_tail));
}

double log_sf_f(double f, double dof1, double dof2) {
  if (std::isnan(f)) return f;
  if (f <= 0) return 0.0;
  if (std::isinf(f)) return -f;
  const double scale = dof2 + dof1 * f;
  return log_ibeta(dof2 / 2, dof1 / 2, dof2 / scale, dof1 * f / scale);
}

double log_cdf_f(double f, double dof1, double dof2) {
  if (std::isnan(f)) return f;
  if (f <= 0) return -std::numeric_limits<double>::infinity();
  if (std::isinf(f)) return 0.0;
  const double scale = dof2 + dof1 * f;
  return log_ibeta(dof1 / 2, dof2 / 2, dof1 * f / scale, dof2 / scale);
}

double log_sf_normal(double z) {
  if (z < 30) return std::log(0.5 * boost::math::erfc(z / std::numbers::sqrt2, kPolicy));
  // Asymptotic series of the Mills ratio; at z = 30 the error after 8 terms is below 1e-17.
  const double w = 1.0 / (z * z);
  double term = 1.0, sum = 1.0;
  for (int k = 1; k <= 8; ++k) {
    term *= -(2 * k - 1) * w;
    sum += term;
  }
  return -0.5 * z * z - std::log(z) - 0.5 * std::log(2.0 * std::numbers::pi) + std::log(sum);
}

double z_from_log_sf(double log_p) {
  if (std::isnan(log_p)) return log_p;
  if (log_p == -std::numeric_limits<double>::infinity()) return -log_p;
  if (log_p > -650.0)
    return std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * std::exp(log_p), kPolicy);
  // Newton on the logarithm, starting at sqrt(-2 log p): the function is nearly a parabola there.
  double z = std::sqrt(-2.0 * log_p);
  for (int i = 0; i < 8; ++i) {
    const double log_density = -0.5 * z * z - 0.5 * std::log(2.0 * std::numbers::pi);
    const double log_tail = log_sf_normal(z);
    const double step = (log_tail - log_p) / std::exp(log_density - log_tail);
    z += step;
    if (std::abs(step) < 1e-15 * z) break;
  }
  return z;
}

Tails tails_from_t(double t, double dof) {
  if (std::isnan(t)) return {t, t};
  double z, upper;  // for |t|
  if (t * t < 1.0) {
    // Near zero the tail is about one half and carries no digits of z; P(|T| < |t|) does.
    const double central = boost::math::ibeta(0.5, dof / 2, t * t / (dof + t * t), kPolicy);
    z = std::numbers::sqrt2 * boost::math::erf_inv(central, kPolicy);
    upper = 0.5 * (1 - central);
  } else {
    const double log_tail = log_sf_t(std::abs(t), dof);
    z = z_from_log_sf(log_tail);
    upper = std::exp(log_tail);
  }
  return t < 0 ? Tails{-z, 1 - upper} : Tails{z, upper};
}

Tails tails_from_f(double f, double dof1, double dof2) {
  if (std::isnan(f)) return {f, f};
  const double log_p = log_sf_f(f, dof1, dof2);
  // The smaller tail carries the digits of z; the other is needed only for large p.
  const double z = log_p < -0.7 ? z_from_log_sf(log_p) : -z_from_log_sf(log_cdf_f(f, dof1, dof2));
  return {z, std::exp(log_p)};
}

double z_from_t(double t, double dof) { return tails_from_t(t, dof).z; }
double z_from_f(double f, double dof1, double dof2) { return tails_from_f(f, dof1, dof2).z; }
double p_from_t(double t, double dof) { return tails_from_t(t, dof).p; }
double p_from_f(double f, double dof1, double dof2) { return tails_from_f(f, dof1, dof2).p; }

double p_from_pearson3(double x, double mean, double sd, double skewness) {
  const double z = (x - mean) / sd;
  if (std::isnan(z)) return z;
  if (std::abs(skewness) < 1e-4) return std::exp(log_sf_normal(z));
  const double shape = 4 / (skewness * skewness);
  const double place = std::max(0.0, shape + 2 * z / skewness);  // of a gamma variate of scale 1
  if (std::isinf(place)) return skewness > 0 ? 0 : (z > 0 ? 0 : 1);
  return skewness > 0 ? boost::math::gamma_q(shape, place, kPolicy)
                      : boost::math::gamma_p(shape, place, kPolicy);
}

}  // namespace sociometer
