#include "engine/design/event_height.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/regressors.hpp"

namespace sociometer {

double event_height(const HrfModel& hrf, double duration_s, double tr_s, int oversampling) {
  if (hrf.shape == HrfShape::fir)
    fail(ErrorCode::usage, "FIR coefficients are heights already: give an event height of 1");
  if (!(tr_s > 0) || !(duration_s >= 0))
    fail(ErrorCode::usage, "an event of {} s at a TR of {} s has no response", duration_s, tr_s);
  const double dt = tr_s / oversampling;
  constexpr double kLongestResponseS = 32;
  const auto n = Eigen::Index(std::ceil((duration_s + kLongestResponseS) / dt)) + 2;
  const Eigen::VectorXd times = Eigen::VectorXd::LinSpaced(n, 0, double(n - 1) * dt);
  const Stimulus event{"event", {0}, {duration_s}, {1}};
  HrfModel response = hrf;
  response.time_derivative = response.dispersion_derivative = false;
  FineGridOptions grid;
  grid.oversampling = 1;
  grid.min_onset_s = -dt;
  return nilearn_regressors(event, times, response, grid).values.col(0).maxCoeff();
}

}  // namespace sociometer
