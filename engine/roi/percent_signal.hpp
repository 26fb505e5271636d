#pragma once
#include <vector>

#include "engine/design/event_height.hpp"
#include "engine/glm/run_fit.hpp"

namespace sociometer {

/// Percent signal change of a region: the height of the response relative to the baseline.
///
/// @param effect      mean effect over the region, in the units after `scaling`.
/// @param baseline    mean signal over the region, in file units; not used with psc scaling.
/// @param grand_mean  the mean set to 100 by grand-mean scaling; only used with it.
/// @return NaN if the baseline is not positive.
double percent_signal_change(double effect, double height, double baseline, Scaling scaling,
                             double grand_mean);

/// The mean signal over runs that count alike, in file units.
struct SignalLevel {
  Eigen::VectorXd mean;   ///< of each voxel
  double grand_mean = 0;  ///< of all
};
/// @param runs  one or more, of the same voxels; not null.
/// @return NaN where a run has no mean.
/// @throws std::logic_error without runs, or if their numbers of voxels differ.
/// @cost   a pass over the means of all runs.
SignalLevel signal_level(const std::vector<const RunEstimates*>& runs);

}  // namespace sociometer
