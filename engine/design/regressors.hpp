#pragma once
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/hrf.hpp"

namespace sociometer {

/// A train of weighted box-cars: what one condition, or one modulator of it, did.
struct Stimulus {
  std::string name;
  std::vector<double> onset_s, duration_s, weight;
  /// Of a modulator: standard deviation of its values over the trials that have one, as they enter
  /// the design; NaN for a main effect.
  double trial_sd = std::numeric_limits<double>::quiet_NaN();
};

/// Columns that come from one stimulus: its response, derivatives or delays.
struct RegressorGroup {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< (n_scans, names.size())
};

/// The fine time grid on which nilearn places events.
struct FineGridOptions {
  int oversampling = 50;
  double min_onset_s = -24;     ///< events may start this long before the first scan
  std::vector<int> fir_delays;  ///< scans
};

/// Convolves a stimulus on nilearn's grid and samples it at the frame times.
///
/// Onsets go to the first grid point not before them; +weight at onset, -weight at offset,
/// cumulative sum; an event shorter than one bin takes one bin, so that an impulse has the height
/// 1/oversampling of a second's box. Derivatives are orthogonalised on the columns before them; FIR
/// columns are not. Events before the grid count at its first point, events past its end cancel, as
/// in nilearn.
/// @param frame_times_s  ascending, at least two.
/// @cost  n_scans * kernel length.
/// @source nilearn 0.14 conventions, tests/golden/nilearn/README.md.
RegressorGroup nilearn_regressors(const Stimulus& stimulus, const Eigen::VectorXd& frame_times_s,
                                  const HrfModel& hrf, const FineGridOptions& options);

}  // namespace sociometer
