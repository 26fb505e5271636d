#pragma once
#include <cmath>

namespace sociometer {

/// Density at x of the gamma distribution with the given shape and scale; 0 for x <= 0.
inline double gamma_density(double x, double shape, double scale) {
  if (x <= 0) return 0.0;
  const double u = x / scale;
  return std::exp((shape - 1) * std::log(u) - u - std::lgamma(shape)) / scale;
}

}  // namespace sociometer
