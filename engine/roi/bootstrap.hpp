#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/names.hpp"

namespace sociometer {

/// How an interval is constructed from bootstrap replicates.
enum class BootstrapInterval {
  bca,         ///< bias-corrected and accelerated: second-order correct (the default)
  percentile,  ///< quantiles of the replicates
};
constexpr std::array<Name<BootstrapInterval>, 2> names_of(std::type_identity<BootstrapInterval>) {
  return {{{BootstrapInterval::bca, "bca"}, {BootstrapInterval::percentile, "percentile"}}};
}
std::string to_string(BootstrapInterval interval);

struct Interval {
  double lower, upper;
};

/// Interval for the mean of `values`, which are resampled with replacement (participants).
///
/// Replicate b draws its participants from stream b of the seed, so the result depends on nothing
/// else. Quantiles are interpolated between order statistics on the normal scale, as in R's boot;
/// the acceleration is computed by the jackknife.
/// @param replicates  10,000 give the limits to about one fiftieth of the interval's width.
/// @return NaN for fewer than two values.
/// @source Efron 1987, JASA 82; Davison & Hinkley 1997, Bootstrap Methods, ch. 5.
Interval bootstrap_mean(std::span<const double> values, BootstrapInterval kind, double level,
                        uint64_t replicates, uint64_t seed);

/// The interval from given replicates of the mean of `values`.
Interval interval_from_replicates(std::span<const double> values, std::vector<double> replicates,
                                  BootstrapInterval kind, double level);

}  // namespace sociometer
