#include "engine/glm/voxel_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {

VoxelStatus judge_series(const SeriesFacts& series, Scaling scaling) {
  if (!series.finite) return VoxelStatus::non_finite;
  if (series.all_zero) return VoxelStatus::all_zero;
  if (series.spread <= kLeastSpread * std::abs(series.mean)) return VoxelStatus::constant;
  if (scaling == Scaling::psc && !(series.mean > kLeastMean * series.spread))
    return VoxelStatus::non_positive_mean;
  return VoxelStatus::ok;
}

bool put_fit(double residual, double total, Eigen::Index voxel, RunEstimates& e) {
  VoxelStatus& status = e.status[size_t(voxel)];
  if (status != VoxelStatus::ok) return false;
  if (std::isnan(residual)) {
    status = VoxelStatus::singular;
    e.noise.col(voxel).setConstant(kNaN);
    if (e.posterior.rows() > 0)
      e.posterior.col(voxel).setConstant(std::numeric_limits<float>::quiet_NaN());
    return false;
  }
  const bool has_noise = e.posterior.rows() > 0
                             ? !std::isnan(e.posterior(0, voxel))
                             : e.noise.rows() == 0 || !std::isnan(e.noise(0, voxel));
  if (!(residual > kLeastResidual * total) || !has_noise) status = VoxelStatus::no_residual;
  e.residual_variance[voxel] = status == VoxelStatus::no_residual ? 0.0 : residual / e.dof;
  e.r_squared[voxel] = 1 - residual / total;
  return true;
}

double grand_mean(const RunEstimates& e) {
  double sum = 0, n = 0;
  for (Eigen::Index v = 0; v < e.mean.size(); ++v)
    if (e.status[size_t(v)] != VoxelStatus::non_finite) sum += e.mean[v], n += 1;
  return n > 0 ? sum / n : kNaN;
}

void require_positive_grand_mean(const RunEstimates& e) {
  double largest = 0;
  for (double mean : e.mean)
    if (std::isfinite(mean)) largest = std::max(largest, std::abs(mean));
  if (!(e.grand_mean > kLeastMean * largest))
    fail(ErrorCode::bad_input,
         "the grand mean over the mask is {}: data without a positive mean cannot be scaled by it; "
         "use the scaling none",
         e.grand_mean);
}

}  // namespace sociometer
