#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/learning/settings.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// How well the design of a study measures two signals, X and Y, before any image is there.
///
/// A region's series is the design times its coefficients plus stationary AR(1) noise whose
/// standard deviation is 1 percent of the baseline. The effect of a signal is the height of the
/// response to an event one standard deviation of the signal above its mean, in percent; its
/// estimate by generalised least squares has, in one run, the covariance h^2 s s' (X' V^-1 X)^-1
/// over both signals, with h the height of one event's response and s the standard deviations. Runs
/// are joined with weights of each signal's precision, as `fit` does. The noise is taken as known:
/// that it is estimated, too, is not counted.
struct StudyDesigns {
  double trials = 0;   ///< events with the signals, mean of runs (as asked for when simulated)
  double runs = 0;     ///< of a person, mean
  double scans = 0;    ///< of a run, mean
  Eigen::Vector2d sd;  ///< of X and Y over trials: root mean square over runs and people
  double height = 0;   ///< of the response to one event of unit weight
  double vif_x = 0, vif_y = 0, correlation = 0;  ///< of the convolved signals, mean of runs
  /// Covariance of the estimates of X and Y in percent squared, for noise of 1 percent: one per
  /// person, all in the common unit `sd`.
  std::vector<Eigen::Matrix2d> error;
  /// Mean over people.
  Eigen::Matrix2d mean_error() const;
  /// Standard deviations of the estimates of X and Y, of that mean.
  Eigen::Vector2d error_sd() const;
};

/// One person's runs as a design sees them.
struct PersonEvents {
  std::vector<Events> runs;
  std::vector<Eigen::Index> n_scans;
};

/// What is fitted to events: drift of cosines slower than 128 s, SPM's response, both signals as
/// modulators of one event type.
struct PowerDesignOptions {
  ModulatorSet signals{"feedback", {"outcome_update", "rank_update_unsigned"}};
  double tr_s = 2;
  double noise_ar = 0.4;  ///< of one scan on the next, within (-1, 1)
};

/// Designs of people whose events are there.
/// @throws Error{bad_input} when a signal does not vary, or follows from the rest of the design, in
///         all of a person's runs; Error{usage} unless there are two signals.
/// @cost   n_scans * columns^2 per run.
StudyDesigns designs_of_events(const std::vector<PersonEvents>& people,
                               const PowerDesignOptions& options, int n_threads = 1);

/// Designs of `n_people` simulated people who play the game: each with a schedule, w and beta of
/// their own, numbers 1 .. n_people of a simulated study with this seed.
/// @param n_trials  rounds per run.
/// @throws as designs_of_events.
StudyDesigns simulated_designs(const SimulationSettings& settings, const LearningSettings& learning,
                               int n_runs, int n_trials, int n_people, double noise_ar,
                               uint64_t seed, int n_threads = 1);

/// Covariance of the estimates of two columns of one design by generalised least squares, the noise
/// being a stationary AR(1) of variance 1.
/// @param design  X, (n_scans, n_columns), finite.
/// @return NaN for a column that does not vary or follows from the others; the other is then as if
///         it were not there.
/// @source the precision of an AR(1): x_t - rho x_{t-1} over sqrt(1 - rho^2), the first scan as it
///         is.
Eigen::Matrix2d estimation_covariance(const Eigen::MatrixXd& design, Eigen::Index x, Eigen::Index y,
                                      double noise_ar);

}  // namespace sociometer
