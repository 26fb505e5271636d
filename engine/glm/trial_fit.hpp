#pragma once
#include <memory>
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/glm/tile_solver.hpp"
#include "engine/glm/trial_model.hpp"

/// Amplitudes of single trials, least squares separate, from a fit of the model of all trials.
///
/// trial_model.hpp has the algebra. What it needs of a voxel, for all trials:
///   d_all on the columns that contain trials; Q'R y, Q columns that span with the model what each
///   trial adds to it; Q'R Q of each trial; and a'(S'W S)^-1 S'W Q of the columns a that contain
///   it. With white or autoregressive noise all of it follows from the lag sums of the model with Q
///   as further working columns (RunDesign: extras): no series is kept. Noise models that keep the
///   series whiten S and Q once per distinct set of parameters. White noise has Q orthonormal and
///   orthogonal to the model; autoregressive noise has the responses (TrialBasis), which are 0
///   in most scans.
///
/// Exact: every trial's estimates are those of a fit of its own model under the noise parameters of
/// the model of all trials. Those parameters are estimated once, not once per trial.
/// A coefficient's variance uses the residuals of the trial's own model, with its own degrees of
/// freedom; posterior averages of AR models count at their mean.
namespace sociometer {

/// Arrays for the trials of a run, NaN; empty without a plan.
TrialResults empty_trials(const TrialPlan* plan, Eigen::Index n_voxels);

/// The columns with which a noise model solves trials fastest.
TrialBasis trial_basis_for(const NoiseModel& noise);

/// @cost  beyond the fit, per voxel: (order + 1) n_own multiply-adds for each scan in which an own
/// column is not 0 while reading, and n_own (n^2 / 2 + (order + 1) n) after it, n the fitted
/// columns (white noise: n_own). Memory: (order + 1) n_own doubles per voxel while reading.
class TrialFit {
 public:
  /// @param system  of streamed noise; null for noise that keeps the series.
  TrialFit(const RunDesign& design, const TrialPlan& plan, const GlsSystem* system);

  /// One thread's solver for streamed noise.
  class Tiles {
   public:
    Tiles(const TrialFit& fit, const kernels::KernelSet& kernels);
    /// After TileSolver::solve() of the same sums.
    void solve(const double* sums, Eigen::Index first, const TileSolver& solver,
               const RunEstimates& estimates, TrialResults& out);

   private:
    friend class TrialFit;
    void solve_extras(const double* sums, const double* noise_coefficients);

    const TrialFit& fit_;
    const kernels::KernelSet& kernels_;
    Eigen::ArrayXXd shared_, on_residual_, own_, crosses_, row_pairs_;  ///< (kWidth, ..)
    std::vector<double> work_;
  };

  /// All voxels of a run whose noise model keeps the series.
  void solve_series(const SeriesRun& run, const SeriesNoise& noise, const RunEstimates& estimates,
                    TrialResults& out) const;

 private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  struct Whitened;
  void solve_pooled(const SeriesRun& run, const SeriesWhitening& whitening,
                    const std::vector<Eigen::Index>& voxels, const RunEstimates& estimates,
                    TrialResults& out) const;
  void set_white(Tiles& tiles) const;
  void list_products();
  void make_extras();
  void write(Tiles& tiles, const Eigen::Index* voxels, Eigen::Index n,
             const RunEstimates& estimates, TrialResults& out) const;
  void write_trial(const Tiles& tiles, size_t trial, const Eigen::Index* voxels, Eigen::Index n,
                   const RunEstimates& estimates, TrialResults& out) const;
  void solve_group(const Whitened& whitened, const SeriesRun& run, const Eigen::Index* voxels,
                   Eigen::Index n, Tiles& tiles, const RunEstimates& estimates,
                   TrialResults& out) const;

  const RunDesign& design_;
  const TrialPlan& plan_;
  const GlsSystem* system_;
  /// Weights of the shared columns on the coordinates, (n_shared, rank).
  Eigen::MatrixXd shared_on_basis_;
  std::vector<int> pairs_, crosses_;
  std::vector<Eigen::Index> first_pair_, first_cross_;  ///< of each trial
  kernels::ExtraSystem extras_{};
  RowMajor matrices_, constant_terms_, own_terms_, rows_;
  std::vector<int> n_terms_;                            ///< of each extra
  std::vector<std::vector<Eigen::Index>> used_shared_;  ///< of each trial, ascending
};

}  // namespace sociometer
