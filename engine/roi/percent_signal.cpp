#include "engine/roi/percent_signal.hpp"

#include <limits>

#include "engine/core/error.hpp"

namespace sociometer {

double percent_signal_change(double effect, double height, double baseline, Scaling scaling,
                             double grand_mean) {
  if (scaling == Scaling::psc) return effect * height;
  const double level = scaling == Scaling::grand ? 100 * baseline / grand_mean : baseline;
  return level > 0 ? 100 * effect * height / level : std::numeric_limits<double>::quiet_NaN();
}

SignalLevel signal_level(const std::vector<const RunEstimates*>& runs) {
  require(!runs.empty(), "the signal of one run or more");
  const auto n = double(runs.size());
  SignalLevel level{Eigen::VectorXd::Zero(runs.front()->mean.size()), 0};
  for (const RunEstimates* run : runs) {
    require(run->mean.size() == level.mean.size(), "runs of the same voxels");
    level.mean += run->mean / n;
    level.grand_mean += run->grand_mean / n;
  }
  return level;
}

}  // namespace sociometer
