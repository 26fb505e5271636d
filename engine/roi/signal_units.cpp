#include "engine/roi/signal_units.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Standard deviation of the difference between two regions, root mean square over their pairs.
double difference_sd(const DissociationData& d, size_t signal) {
  double sum = 0, pairs = 0;
  for (size_t r = 0; r < d.regions.size(); ++r)
    for (size_t q = r + 1; q < d.regions.size(); ++q) {
      const Eigen::VectorXd x = d.cells.col(d.column(r, signal)) - d.cells.col(d.column(q, signal));
      sum += (x.array() - x.mean()).square().sum() / double(x.size() - 1);
      pairs += 1;
    }
  return std::sqrt(sum / pairs);
}

double factor_of(const DissociationData& d, size_t signal, SignalUnits units,
                 const std::vector<double>& regressor_sd) {
  if (units == SignalUnits::given) return 1;
  if (units == SignalUnits::regressor_sd) {
    if (!(regressor_sd[signal] > 0))
      fail(ErrorCode::usage,
           "the standard deviation of the regressor of {} is not in the table (column "
           "regressor_sd of region values); take difference-sd as the units",
           d.signals[signal]);
    return regressor_sd[signal];
  }
  const double sd = difference_sd(d, signal);
  if (!(sd > 0))
    fail(ErrorCode::bad_input,
         "{} differs between regions by the same in everyone; there is no spread to test against",
         d.signals[signal]);
  return 1 / sd;
}

}  // namespace

std::string to_string(SignalUnits units) { return name_of(units); }

ScaledSignals in_comparable_units(const DissociationData& data,
                                  const std::vector<double>& regressor_sd,
                                  const SignalUnits* units) {
  require(regressor_sd.size() == data.signals.size(), "one standard deviation per signal");
  const bool known = std::all_of(regressor_sd.begin(), regressor_sd.end(),
                                 [](double sd) { return sd > 0 && std::isfinite(sd); });
  ScaledSignals out{data, {}, {}};
  out.units = units ? *units : known ? SignalUnits::regressor_sd : SignalUnits::difference_sd;
  if (data.cells.rows() < 2) out.units = SignalUnits::given;  // dissociate() reports the error
  for (size_t s = 0; s < data.signals.size(); ++s) {
    out.factors.push_back(factor_of(data, s, out.units, regressor_sd));
    for (size_t r = 0; r < data.regions.size(); ++r)
      out.data.cells.col(data.column(r, s)) *= out.factors.back();
  }
  return out;
}

}  // namespace sociometer
