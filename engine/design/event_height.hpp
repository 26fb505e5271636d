#pragma once
#include "engine/design/hrf.hpp"

namespace sociometer {

/// The peak of the regressor of a single isolated event: the factor by which a coefficient is
/// multiplied to give the height of that event's response.
///
/// The event is convolved on the fine grid of the fit (TR / oversampling) and the maximum is taken
/// on that grid, so it does not depend on when scans are acquired.
///
/// @param hrf  only its first basis function is used; not FIR.
/// @throws Error{usage} for FIR, whose coefficients already are heights.
/// @source MarsBaR's measure; Pernet 2014, Front Neurosci 8:1 on why to name the event.
double event_height(const HrfModel& hrf, double duration_s, double tr_s, int oversampling = 50);

}  // namespace sociometer
