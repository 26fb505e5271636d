#pragma once
#include <functional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/masked_series.hpp"
#include "engine/core/names.hpp"
#include "engine/core/smoothing.hpp"
#include "engine/glm/lag_sums.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/glm/run_design.hpp"
#include "engine/glm/voxel_status.hpp"

namespace sociometer {

enum class Scaling {
  none,   ///< signal units of the file
  psc,    ///< percent of each voxel's mean: 100 (y / mean - 1)
  grand,  ///< 100 y / (mean over voxels of the mask and scans)
};
constexpr std::array<Name<Scaling>, 3> names_of(std::type_identity<Scaling>) {
  return {{{Scaling::none, "none"}, {Scaling::psc, "psc"}, {Scaling::grand, "grand"}}};
}
Scaling parse_scaling(const std::string& text);
std::string to_string(Scaling s);

/// Estimates of one run for each voxel; columns are voxels of the mask.
struct RunEstimates {
  Eigen::MatrixXd betas;              ///< (n_columns, n_voxels)
  Eigen::VectorXd residual_variance;  ///< innovation variance; residual squares / dof
  Eigen::MatrixXd noise;  ///< parameters of the noise model, (n_parameters, n_voxels); not a
                          ///< mixture's
  Eigen::MatrixXd atoms;  ///< AR coefficients of a mixture's processes, (order, n_atoms)
  /// Of a mixture: probabilities of its processes, then residual variances under them,
  /// (2 n_atoms, n_voxels). They are many.
  Eigen::MatrixXf posterior;
  Eigen::VectorXd ljung_box;        ///< of the whitened residuals if requested; else empty
  Eigen::VectorXd r_squared, mean;  ///< mean in signal units of the file
  std::vector<VoxelStatus> status;
  double dof = 0;
  double grand_mean = 0;  ///< over voxels and kept scans
};

/// Effects of one contrast in one run.
struct ContrastValues {
  Eigen::MatrixXd effect;             ///< (n_rows, n_voxels)
  Eigen::MatrixXd unit_covariance;    ///< C (X'VX)^-1 C', lower triangle by rows, (n_rows (n_rows +
                                      ///< 1) / 2, n_voxels)
  Eigen::VectorXd residual_variance;  ///< factor of the unit covariance, (n_voxels)
  Eigen::VectorXd dof;                ///< of each voxel; empty: those of the run
};

/// Unit covariances of contrasts, lower triangles by rows, and, for noise models under which they
/// differ between voxels, degrees of freedom; one per contrast.
struct ContrastCovariances {
  std::vector<Eigen::MatrixXd> unit;
  std::vector<Eigen::VectorXd> dof{};
};

class TrialModel;
struct SingleTrials;

/// Single trials that are estimated with a run (trial_fit.hpp).
struct TrialPlan {
  const TrialModel* model = nullptr;  ///< its own_columns are the extras of the RunDesign
  bool with_variance = false;
  const SingleTrials* split = nullptr;  ///< what the model was made from; for pooled noise
};

/// Amplitudes of single trials; NaN where a trial or a voxel has none.
struct TrialResults {
  Eigen::MatrixXd amplitude;  ///< (n_trials, n_voxels), signal units of the fit
  Eigen::MatrixXd variance;  ///< of the coefficient of the response, the same; empty: not requested
};

struct RunResults {
  RunEstimates estimates;
  std::vector<ContrastValues> values;  ///< one per contrast
  bool filled = false;                 ///< betas and values are NaN already
  TrialResults trials{};               ///< with RunPlan::trials
  /// With RunPlan::with_products: those of RunDesign's extras with the series as it is fitted,
  /// (n_extras, n_voxels).
  Eigen::MatrixXd products{};
};

/// How the voxels of a run are fitted, for either kind of input.
struct RunPlan {
  NoiseModel noise_model{};
  Scaling scaling = Scaling::none;
  /// Rows of weights on the design's columns, each (n_rows, n_columns), estimable in this run.
  std::vector<Eigen::MatrixXd> contrasts{};
  bool with_ljung_box = false;  ///< of arma11's whitened residuals
  /// Smooths the voxelwise noise estimates over space; null: no smoothing.
  const MaskSmoother* smoother = nullptr;
  const kernels::KernelSet* kernels = &kernels::best_kernels();
  const TrialPlan* trials = nullptr;  ///< single trials; null: none
  bool with_products = false;         ///< of RunDesign's extras; for noise models that stream
  int n_threads = 1;
  /// Called with the number of voxels done, by models that keep the series; may be empty.
  std::function<void(Eigen::Index)> progress{};
};

/// All arrays that fit_run fills from lag sums. Betas and values are not allocated yet, so that
/// their memory is taken as that of the sums is freed.
RunResults empty_results(const RunDesign& design, const RunPlan& plan, Eigen::Index n_voxels);
/// Fills them with NaN while the run is still being read: new memory is slow (page faults).
void fill_results(RunResults& results, int n_threads);

/// Solves every voxel of a run, and each contrast with it, under a noise model that streams.
///
/// AR models: coefficients from the Yule-Walker equations of the least-squares residuals, whose
/// autocovariance at lag k is divided by the number of pairs; if that is not stationary the
/// sums are divided by the number of scans, which always is. One pass; dof = scans - rank. Voxels
/// that cannot be fitted are NaN with a status.
/// @param sums     are consumed: their memory is freed as voxels are done.
/// @param results  from empty_results for the same design and plan.
/// @cost  about n_working^3 / 3 flops per voxel for AR models of order 2 and more and with censored
/// scans, 2 n_working n_columns for OLS and AR(1).
void fit_run(const RunDesign& design, LagSums sums, const RunPlan& plan, RunResults& results);
/// The same, allocating its own arrays.
RunResults fit_run(const RunDesign& design, LagSums sums, const RunPlan& plan);

/// The same for noise models that need the series itself (NoiseModel::streams() is false).
/// @param series  is consumed: its memory is freed as voxels are done, where they are not read
/// again.
RunResults fit_run(const RunDesign& design, MaskedSeries series, const RunPlan& plan);

/// The contrast values of a plan from stored estimates, bit-identical to those of fit_run.
std::vector<ContrastValues> contrast_values(const RunDesign& design, const RunEstimates& estimates,
                                            const RunPlan& plan);

}  // namespace sociometer
