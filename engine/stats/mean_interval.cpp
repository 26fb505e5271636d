#include "engine/stats/mean_interval.hpp"

#include <cmath>

#include <boost/math/distributions/students_t.hpp>

namespace sociometer {

MeanOverPeople mean_over_people(const std::vector<double>& values, double level) {
  MeanOverPeople out;
  double sum = 0, squares = 0;
  for (double v : values)
    if (!std::isnan(v)) sum += v, ++out.n;
  if (out.n == 0) return out;
  out.mean = sum / out.n;
  if (out.n < 2) return out;
  for (double v : values)
    if (!std::isnan(v)) squares += (v - out.mean) * (v - out.mean);
  const double error = std::sqrt(squares / (out.n - 1) / out.n);
  const double t = boost::math::quantile(boost::math::students_t(out.n - 1), (1 + level) / 2);
  out.low = out.mean - t * error;
  out.high = out.mean + t * error;
  return out;
}

}  // namespace sociometer
