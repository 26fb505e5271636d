#include "engine/glm/trial_averages.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/parallel.hpp"

namespace sociometer {

void put_trials(const Eigen::MatrixXd& of_run, Eigen::Index first, int n_threads,
                Eigen::MatrixXd& all) {
  constexpr Eigen::Index kVoxels = 64;  // stay in the first-level cache
  const Eigen::Index n_voxels = of_run.cols();
  parallel_for((n_voxels + kVoxels - 1) / kVoxels, n_threads, [&](Eigen::Index block) {
    const Eigen::Index at = block * kVoxels, n = std::min(kVoxels, n_voxels - at);
    all.block(at, first, n, of_run.rows()) = of_run.middleCols(at, n).transpose();
  });
}

Eigen::MatrixXd mean_amplitudes(const Eigen::MatrixXd& amplitude,
                                const std::vector<std::vector<Eigen::Index>>& groups) {
  Eigen::MatrixXd out(amplitude.rows(), Eigen::Index(groups.size()));
  for (size_t g = 0; g < groups.size(); ++g) {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(amplitude.rows()), n = sum;
    for (Eigen::Index trial : groups[g]) {
      const auto values = amplitude.col(trial).array();
      sum += values.isNaN().select(0.0, values);
      n += values.isNaN().select(Eigen::ArrayXd::Zero(values.size()), 1.0);
    }
    out.col(Eigen::Index(g)) = sum / n;  // 0 / 0 is NaN
  }
  return out;
}

namespace {

/// Calls visit(row, weight) for the voxels of a region that are among `voxels`.
template <typename Visit>
void for_covered(std::span<const uint32_t> voxels, const WeightedVoxels& region, Visit visit) {
  for (size_t i = 0; i < region.voxels.size(); ++i) {
    const auto at = std::lower_bound(voxels.begin(), voxels.end(), region.voxels[i]);
    if (at == voxels.end() || *at != region.voxels[i]) continue;
    visit(Eigen::Index(at - voxels.begin()), region.weights.empty() ? 1.0 : region.weights[i]);
  }
}

}  // namespace

Eigen::VectorXd mean_in_region(const Eigen::MatrixXd& amplitude, std::span<const uint32_t> voxels,
                               const WeightedVoxels& region) {
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(amplitude.cols()), weights = sum;
  for_covered(voxels, region, [&](Eigen::Index row, double weight) {
    const Eigen::ArrayXd values = amplitude.row(row).transpose();
    sum += values.isNaN().select(0.0, weight * values);
    weights += values.isNaN().select(Eigen::ArrayXd::Zero(values.size()), weight);
  });
  return sum / weights;  // 0 / 0 is NaN
}

Eigen::Index voxels_covered(std::span<const uint32_t> voxels, const WeightedVoxels& region) {
  Eigen::Index n = 0;
  for_covered(voxels, region, [&](Eigen::Index, double) { ++n; });
  return n;
}

}  // namespace sociometer
