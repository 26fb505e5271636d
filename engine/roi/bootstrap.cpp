#include "engine/roi/bootstrap.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

double quantile_of_normal(double probability) { return -z_from_log_sf(std::log(probability)); }
double normal_cdf(double z) { return std::exp(log_sf_normal(-z)); }

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / double(values.size());
}

/// More than the order of summation changes a mean.
double rounding_of(std::span<const double> values) {
  double largest = 0;
  for (double v : values) largest = std::max(largest, std::abs(v));
  return 1e-12 * largest;
}

/// Quantile of sorted replicates, interpolated on the normal scale (Davison & Hinkley, eq. 5.8).
double quantile(const std::vector<double>& sorted, double alpha) {
  const double n = double(sorted.size()), place = (n + 1) * alpha;
  const double k = std::floor(place);
  if (k < 1) return sorted.front();
  if (k >= n) return sorted.back();
  const double low = sorted[size_t(k) - 1], high = sorted[size_t(k)];
  if (place == k) return low;
  const double z = quantile_of_normal(alpha), z_low = quantile_of_normal(k / (n + 1)),
               z_high = quantile_of_normal((k + 1) / (n + 1));
  return low + (z - z_low) / (z_high - z_low) * (high - low);
}

/// One sixth of the skewness of the jackknife values of a mean: sum d^3 / (6 (sum d^2)^1.5).
double acceleration(std::span<const double> values, double mean) {
  double squares = 0, cubes = 0;
  for (double v : values) {
    const double d = v - mean;
    squares += d * d;
    cubes += d * d * d;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

}  // namespace

std::string to_string(BootstrapInterval interval) { return name_of(interval); }

Interval interval_from_replicates(std::span<const double> values, std::vector<double> replicates,
                                  BootstrapInterval kind, double level) {
  if (values.size() < 2 || replicates.empty()) return {kNaN, kNaN};
  const double mean = mean_of(values);
  std::sort(replicates.begin(), replicates.end());
  double alpha[2] = {(1 - level) / 2, (1 + level) / 2};
  if (kind == BootstrapInterval::bca) {
    // Of few people many replicates draw everybody once: they equal the mean, but for rounding,
    // which must not decide whether they are below it.
    const auto below =
        std::lower_bound(replicates.begin(), replicates.end(), mean - rounding_of(values));
    const double n = double(replicates.size()), count = double(below - replicates.begin());
    // If all replicates lie on one side the bias cannot be estimated: stay half a replicate away.
    const double share = std::clamp(count / n, 0.5 / n, 1 - 0.5 / n);
    const double bias = quantile_of_normal(share), a = acceleration(values, mean);
    for (double& probability : alpha) {
      const double z = bias + quantile_of_normal(probability);
      probability = normal_cdf(bias + z / (1 - a * z));
    }
  }
  return {quantile(replicates, alpha[0]), quantile(replicates, alpha[1])};
}

Interval bootstrap_mean(std::span<const double> values, BootstrapInterval kind, double level,
                        uint64_t replicates, uint64_t seed) {
  const double n = double(values.size());
  std::vector<double> means;
  means.reserve(replicates);
  for (uint64_t b = 0; b < replicates && values.size() > 1; ++b) {
    const CounterRandom random(seed, b);
    double sum = 0;
    for (uint64_t i = 0; i < values.size(); ++i) sum += values[size_t(n * random.uniform(i))];
    means.push_back(sum / n);
  }
  return interval_from_replicates(values, std::move(means), kind, level);
}

}  // namespace sociometer
