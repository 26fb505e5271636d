#include "engine/stats/bayes_factors.hpp"

#include <cmath>
#include <limits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Terms whose logarithm is this far below the largest are negligible in double precision.
constexpr double kNegligible = 45;
constexpr double kStep = 0.25;

/// ln of the integral of exp(log_integrand(u)) over the real line, for a unimodal integrand.
/// @param start  any point with a finite value.
template <typename LogIntegrand>
double log_integral(const LogIntegrand& log_integrand, double start) {
  // Find the peak on the grid by hill climbing.
  long peak = std::lround(start / kStep);
  const auto at = [&](long i) { return log_integrand(double(i) * kStep); };
  double top = at(peak);
  for (const long direction : {1L, -1L})
    for (double next = at(peak + direction); next > top; next = at(peak + direction)) {
      peak += direction;
      top = next;
    }
  double sum = 1;
  for (const long direction : {1L, -1L})
    for (long i = peak + direction;; i += direction) {
      const double below = at(i) - top;
      if (below < -kNegligible) break;
      sum += std::exp(below);
    }
  return top + std::log(sum * kStep);
}

/// Log density of ln g, where g is inverse gamma with shape 1/2 and scale b.
double log_prior(double log_g, double b) {
  return 0.5 * std::log(b / std::numbers::pi) - 0.5 * log_g - b * std::exp(-log_g);
}

}  // namespace

double log_bayes_factor_from_t(double t, double dof, double effective_n, double scale) {
  require(dof > 0 && effective_n > 0 && scale > 0,
          "a Bayes factor needs positive dof, n and scale");
  if (std::isnan(t)) return t;
  if (std::isinf(t)) return std::numeric_limits<double>::infinity();
  const double power = (dof + 1) / 2, ratio = t * t / dof;
  const double null = -power * std::log1p(ratio);
  const double spread = effective_n * scale * scale;
  const auto log_integrand = [&](double log_g) {
    const double inflated = 1 + spread * std::exp(log_g);
    return log_prior(log_g, 0.5) - 0.5 * std::log(inflated) - power * std::log1p(ratio / inflated) -
           null;
  };
  return log_integral(log_integrand, 0);
}

double log_bayes_factor_one_sample(double t, double n, double scale) {
  return log_bayes_factor_from_t(t, n - 1, n, scale);
}

double log_bayes_factor_two_sample(double t, double n1, double n2, double scale) {
  return log_bayes_factor_from_t(t, n1 + n2 - 2, n1 * n2 / (n1 + n2), scale);
}

double log_bayes_factor_regression(double r_squared, double n, double n_slopes, double scale) {
  require(n > n_slopes + 1 && n_slopes > 0 && scale > 0,
          "a Bayes factor of a regression needs more values than slopes");
  if (std::isnan(r_squared)) return r_squared;
  if (r_squared >= 1) return std::numeric_limits<double>::infinity();
  const double unexplained = 1 - r_squared;
  const auto log_integrand = [&](double log_g) {
    const double g = std::exp(log_g);
    return log_prior(log_g, n * scale * scale / 2) + 0.5 * (n - n_slopes - 1) * std::log1p(g) -
           0.5 * (n - 1) * std::log1p(g * unexplained);
  };
  return log_integral(log_integrand, 0);
}

}  // namespace sociometer
