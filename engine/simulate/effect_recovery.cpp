#include "engine/simulate/effect_recovery.hpp"

#include <cmath>

namespace sociometer {

bool EffectRecovery::recovered() const {
  return std::abs(region_estimate - region_truth) < 4 * region_error &&
         std::abs(elsewhere_z) < 0.1 && coverage > 0.90 && coverage < 0.97;
}

std::optional<EffectRecovery> compare_effects(const Eigen::Ref<const Eigen::VectorXd>& truth,
                                              const Eigen::Ref<const Eigen::VectorXd>& effect,
                                              const Eigen::Ref<const Eigen::VectorXd>& variance,
                                              const std::vector<uint32_t>& brain) {
  EffectRecovery out;
  double z_sum = 0, region_variance = 0;
  for (uint32_t v : brain) {
    const double error = std::sqrt(variance[v]);
    if (!(error > 0)) continue;  // outside the fit's mask
    ++out.n_voxels;
    out.coverage += std::abs(effect[v] - truth[v]) < 1.96 * error;
    if (truth[v] != 0) {
      ++out.n_region;
      out.region_truth += truth[v];
      out.region_estimate += effect[v];
      region_variance += error * error;
    } else {
      z_sum += effect[v] / error;
    }
  }
  if (out.n_region == 0 || out.n_voxels == out.n_region) return std::nullopt;
  out.region_truth /= double(out.n_region);
  out.region_estimate /= double(out.n_region);
  out.region_error = std::sqrt(region_variance) / double(out.n_region);
  out.elsewhere_z = z_sum / double(out.n_voxels - out.n_region);
  out.coverage /= double(out.n_voxels);
  return out;
}

}  // namespace sociometer
