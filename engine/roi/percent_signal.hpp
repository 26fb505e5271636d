#pragma once
#include "engine/design/hrf.hpp"
#include "engine/glm/run_fit.hpp"

namespace sociometer {

/// The largest value of the regressor of one isolated event: what a coefficient has to be
/// multiplied with to become the height of that event's response.
///
/// The event is convolved on the fine grid of the fit (TR / oversampling) and the maximum is taken
/// on that grid, so it does not depend on where scans happen to fall.
/// @param hrf  its first function is used; not FIR.
/// @throws Error{usage} for FIR, whose coefficients are heights already.
/// @source the measure is MarsBaR's; Pernet 2014, Front Neurosci 8:1 on why the event must be
/// named.
double event_height(const HrfModel& hrf, double duration_s, double tr_s, int oversampling = 50);

/// Percent signal change of a region: the height of the response over the baseline.
///
/// @param effect      mean effect over the region, in the units that `scaling` left.
/// @param baseline    mean signal over the region, in units of the file; not used with psc scaling.
/// @param grand_mean  the mean that grand-mean scaling took for 100; used with it only.
/// @return NaN when the baseline is not positive.
double percent_signal_change(double effect, double height, double baseline, Scaling scaling,
                             double grand_mean);

}  // namespace sociometer
