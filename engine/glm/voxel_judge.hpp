#pragma once
#include <Eigen/Dense>

#include "engine/glm/run_fit.hpp"

/// The single place that decides which voxels have no statistics, for either kind of input.
namespace sociometer {

/// The properties of a voxel's kept scans on which that decision depends.
struct SeriesFacts {
  double mean = 0;
  double spread = 0;  ///< standard deviation about the mean, with divisor n
  bool finite = true, all_zero = false;
};

/// Whether a series can be fitted.
VoxelStatus judge_series(const SeriesFacts& series, Scaling scaling);

/// Judges each voxel's series and stores its status and, where it is finite, its mean.
inline void put_series(const SeriesFacts& series, Scaling scaling, Eigen::Index voxel,
                       RunEstimates& e) {
  VoxelStatus& status = e.status[size_t(voxel)];
  status = judge_series(series, scaling);
  if (status != VoxelStatus::non_finite) e.mean[voxel] = series.mean;
}

/// Judges a fitted voxel, and stores its residual variance and R2.
///
/// A voxel that the design explains to the last digit keeps its betas but has a residual variance
/// of 0, so no statistics. One whose prewhitened design is singular has neither.
/// @param residual, total  whitened squares about the fit and about the constant; NaN: not solved.
/// @return whether the voxel has betas.
bool put_fit(double residual, double total, Eigen::Index voxel, RunEstimates& e);

/// Mean over voxels whose scans are finite; NaN if there are none.
double grand_mean(const RunEstimates& e);

/// @throws Error{bad_input} when the data cannot be scaled by their grand mean.
void require_positive_grand_mean(const RunEstimates& e);

}  // namespace sociometer
