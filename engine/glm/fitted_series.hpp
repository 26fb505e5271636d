#pragma once
#include <functional>

#include "engine/core/mask.hpp"
#include "engine/core/volume_source.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/run_fit.hpp"

namespace sociometer {

/// One scan of a fitted run, over the voxels of the mask.
struct FittedScan {
  Eigen::Index scan = 0;
  Eigen::VectorXd predicted;  ///< X beta, units of the scaled signal
  Eigen::VectorXd residual;   ///< y - X beta, not whitened; NaN for voxels without a fit
};

/// Reads a run a second time and passes each scan's prediction and residual to `take`, in order.
///
/// @param design   X, (n_scans, n_columns), censored scans included.
/// @param options  the smoothing used in the fit.
/// @return temporal SNR of each voxel: mean over SD (n - 1) of the kept scans' signal, unscaled;
/// NaN for a constant signal.
/// @throws what the source throws; Error{shape_mismatch} when the numbers of scans differ.
/// @cost  one reading, and 2 n_columns flops per voxel and scan; memory: a few volumes.
Eigen::VectorXd for_each_fitted_scan(VolumeSource& source, const Eigen::MatrixXd& design,
                                     const std::vector<uint8_t>& kept,
                                     const RunEstimates& estimates, Scaling scaling,
                                     const Space& space, const StreamOptions& options,
                                     const std::function<void(const FittedScan&)>& take);

}  // namespace sociometer
