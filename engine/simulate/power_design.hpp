#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/learning/settings.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// How precisely a study's design measures two signals, X and Y, before any images are acquired.
///
/// A region's series is the design times its coefficients plus stationary AR(1) noise with a
/// standard deviation of 1 percent of the baseline. The effect of a signal is the height of the
/// response to an event one standard deviation of the signal above its mean, in percent; in one run
/// its generalised least squares estimates have the covariance h^2 s s' (X' V^-1 X)^-1 over both
/// signals, where h is the height of one event's response and s the standard deviations. Runs are
/// combined with weights by each signal's precision, as in `fit`. The noise is taken as known: the
/// uncertainty from estimating it is ignored.
struct StudyDesigns {
  double trials = 0;   ///< events with the signals, mean over runs (as requested if simulated)
  double runs = 0;     ///< per participant, mean
  double scans = 0;    ///< per run, mean
  Eigen::Vector2d sd;  ///< of X and Y over trials: root mean square over runs and participants
  double height = 0;   ///< of the response to one event of unit weight
  double vif_x = 0, vif_y = 0, correlation = 0;  ///< of the convolved signals, mean over runs
  /// Covariance of the estimates of X and Y in percent squared, for noise of 1 percent: one per
  /// participant, all in the common unit `sd`.
  std::vector<Eigen::Matrix2d> error;
  /// Mean over participants.
  Eigen::Matrix2d mean_error() const;
  /// Standard deviations of the estimates of X and Y, of that mean.
  Eigen::Vector2d error_sd() const;
};

/// One participant's runs, as needed for a design.
struct PersonEvents {
  std::vector<Events> runs;
  std::vector<Eigen::Index> n_scans;
};

/// The model fitted to events: drift cosines slower than 128 s, SPM's response, both signals as
/// modulators of one event type.
struct PowerDesignOptions {
  ModulatorSet signals{"feedback", {"outcome_update", "rank_update_unsigned"}};
  double tr_s = 2;
  double noise_ar = 0.4;  ///< AR(1) coefficient between scans, within (-1, 1)
};

/// Designs of participants from their events.
/// @throws Error{bad_input} if a signal does not vary, or is collinear with the rest of the design,
///         in all runs of a participant; Error{usage} unless there are two signals.
/// @cost   n_scans * columns^2 per run.
StudyDesigns designs_of_events(const std::vector<PersonEvents>& people,
                               const PowerDesignOptions& options, int n_threads = 1);

/// Designs of `n_people` simulated participants who play the game: each with their own schedule, w
/// and beta, numbered 1 .. n_people in a simulated study with this seed.
/// @param n_trials  rounds per run.
/// @throws as designs_of_events.
StudyDesigns simulated_designs(const SimulationSettings& settings, const LearningSettings& learning,
                               int n_runs, int n_trials, int n_people, double noise_ar,
                               uint64_t seed, int n_threads = 1);

/// Covariance of the generalised least squares estimates of two columns of one design, for
/// stationary AR(1) noise with variance 1.
/// @param design  X, (n_scans, n_columns), finite.
/// @return NaN for a column that does not vary or is collinear with the others; the other one is
///         then treated as if that column were absent.
/// @source whitening of an AR(1): x_t - rho x_{t-1} over sqrt(1 - rho^2), first scan
///         unchanged.
Eigen::Matrix2d estimation_covariance(const Eigen::MatrixXd& design, Eigen::Index x, Eigen::Index y,
                                      double noise_ar);

}  // namespace sociometer
