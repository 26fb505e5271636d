#pragma once
#include <functional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/masked_series.hpp"
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
Scaling parse_scaling(const std::string& text);
std::string to_string(Scaling s);

/// What one run says of each voxel; columns are voxels of the mask.
struct RunEstimates {
  Eigen::MatrixXd betas;              ///< (n_columns, n_voxels)
  Eigen::VectorXd residual_variance;  ///< innovation variance; residual squares / dof
  Eigen::MatrixXd noise;              ///< parameters of the noise model, (n_parameters, n_voxels)
  Eigen::VectorXd ljung_box;          ///< of the whitened residuals, where asked for; else empty
  Eigen::VectorXd r_squared, mean;    ///< mean in signal units of the file
  std::vector<VoxelStatus> status;
  double dof = 0;
  double grand_mean = 0;  ///< over voxels and kept scans
};

/// Effects of one contrast in one run.
struct ContrastValues {
  Eigen::MatrixXd effect;             ///< (n_rows, n_voxels)
  Eigen::MatrixXd unit_covariance;    ///< C (X'VX)^-1 C', lower triangle by rows, (n_rows (n_rows +
                                      ///< 1) / 2, n_voxels)
  Eigen::VectorXd residual_variance;  ///< what the unit covariance is multiplied with, (n_voxels)
};

struct RunResults {
  RunEstimates estimates;
  std::vector<ContrastValues> values;  ///< one per contrast
  bool filled = false;                 ///< betas and values are NaN already
};

/// All arrays that fit_run fills. Betas and values are left alone, so that their memory comes as
/// that of the sums goes.
/// @param contrasts  each (n_rows, n_columns).
RunResults empty_results(const RunDesign& design, const NoiseModel& model,
                         const std::vector<Eigen::MatrixXd>& contrasts, Eigen::Index n_voxels);
/// Fills them with NaN while the run is still being read: new memory takes its time (page faults).
void fill_results(RunResults& results, int n_threads);

/// Solves every voxel of a run, and each contrast (rows of weights on the columns) with it.
///
/// AR models: coefficients from the Yule-Walker equations of the least-squares residuals, whose
/// autocovariance at lag k is divided by the number of pairs; where these are not stationary the
/// sums are divided by the number of scans, which always is. One pass; dof = scans - rank. Voxels
/// that cannot be fitted are NaN with a status.
/// @param contrasts  each (n_rows, n_columns), estimable in this run.
/// @param sums       are used up: their memory is given back as voxels are done.
/// @param results    as empty_results made them for the same arguments.
/// @param smoother  smooths the residuals' autocorrelations over space; null: none.
/// @cost  about n_working^3 / 3 flops per voxel for AR models of order 2 and more and where scans
/// are censored, 2 n_working n_columns for OLS and AR(1).
void fit_run(const RunDesign& design, LagSums sums, const NoiseModel& model, Scaling scaling,
             const std::vector<Eigen::MatrixXd>& contrasts, int n_threads, RunResults& results,
             const MaskSmoother* smoother = nullptr);

/// The same with arrays of its own.
/// @param values     out, one per contrast.
RunEstimates fit_run(const RunDesign& design, LagSums sums, const NoiseModel& model,
                     Scaling scaling, const std::vector<Eigen::MatrixXd>& contrasts, int n_threads,
                     std::vector<ContrastValues>& values, const MaskSmoother* smoother = nullptr);

/// The same for noise models that need the series itself (NoiseModel::streams() is false).
/// @param series    is used up: its memory is given back as voxels are done, where they are not
/// read again.
/// @param progress  called with the number of voxels that are done; may be empty.
/// @param smoother  smooths each voxel's noise parameters over space; null: none.
RunEstimates fit_run(const RunDesign& design, MaskedSeries series, const NoiseModel& model,
                     Scaling scaling, const std::vector<Eigen::MatrixXd>& contrasts,
                     bool with_ljung_box, const kernels::KernelSet& kernels, int n_threads,
                     std::vector<ContrastValues>& values,
                     const std::function<void(Eigen::Index)>& progress = {},
                     const MaskSmoother* smoother = nullptr);

/// The same contrast values from stored estimates, bit for bit what fit_run gives.
std::vector<ContrastValues> contrast_values(const RunDesign& design, const RunEstimates& estimates,
                                            const NoiseModel& model,
                                            const std::vector<Eigen::MatrixXd>& contrasts,
                                            int n_threads);

}  // namespace sociometer
