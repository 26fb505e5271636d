#pragma once
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/hrf.hpp"

namespace sociometer {

/// A train of weighted boxcars: one condition, or one modulator of it.
struct Stimulus {
  std::string name;
  std::vector<double> onset_s, duration_s, weight;
  /// For a modulator: standard deviation of its values over the trials that have one, as used in
  /// the design; NaN for a main effect.
  double trial_sd = std::numeric_limits<double>::quiet_NaN();
};

/// Columns derived from one stimulus: its response, derivatives or delays.
struct RegressorGroup {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< (n_scans, names.size())
};

/// The fine time grid on which nilearn places events.
struct FineGridOptions {
  int oversampling = 50;
  double min_onset_s = -24;     ///< start of the grid relative to the first scan
  std::vector<int> fir_delays;  ///< scans
};

/// Convolves a stimulus on nilearn's grid and samples it at the frame times.
///
/// An onset maps to the first grid point at or after it; +weight at onset, -weight at offset, then
/// cumulative sum. An event shorter than one bin takes one bin: an impulse has 1/oversampling of
/// the area of a boxcar one TR long. Derivatives are orthogonalised against the columns before
/// them, FIR columns are not. Events that reach into the grid from before count from its first
/// point; those that end before it or start after the last frame (FIR: the grid) are dropped.
/// Frames at unequal distances are values of the same response at their times: the grid is that of
/// a scan without gaps, a frame every shortest distance from the first to beyond the last.
/// @param frame_times_s  ascending, at least two.
/// @cost  n_scans * kernel length.
/// @source nilearn 0.14 conventions, tests/golden/nilearn/README.md.
RegressorGroup nilearn_regressors(const Stimulus& stimulus, const Eigen::VectorXd& frame_times_s,
                                  const HrfModel& hrf, const FineGridOptions& options);

/// The same columns before derivatives are orthogonalised: linear in the stimulus's weights, so
/// those of a condition are the sums of those of its trials.
RegressorGroup linear_nilearn_regressors(const Stimulus& stimulus,
                                         const Eigen::VectorXd& frame_times_s, const HrfModel& hrf,
                                         const FineGridOptions& options);

}  // namespace sociometer
