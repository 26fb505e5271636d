// Smoothness of residuals. Before it is timed it is compared with the same formula, voxel by voxel
// over a box, in plain loops.
#include "engine/group/smoothness.hpp"

#include <cmath>

#include "bench/inner_loops/group_data.hpp"

namespace sociometer::bench {
namespace {

/// Resels of a voxel, Kiebel et al. 1999: sqrt(|L| / (4 ln 2)^3) with L from the differences of
/// neighbours; their mean over the voxels that have all neighbours at +1.
double plain_resels_per_voxel(const GroupBenchData& data, double dof) {
  const auto& size = data.mask.grid.size;
  const auto standardised = [&](Eigen::Index x, Eigen::Index y, Eigen::Index z) {
    const Eigen::VectorXd u = data.effects.col(data.mask.grid.index(x, y, z));
    return Eigen::VectorXd(u / std::sqrt(u.squaredNorm() / dof));
  };
  double sum = 0;
  for (Eigen::Index z = 0; z + 1 < size[2]; ++z)
    for (Eigen::Index y = 0; y + 1 < size[1]; ++y)
      for (Eigen::Index x = 0; x + 1 < size[0]; ++x) {
        const Eigen::VectorXd here = standardised(x, y, z);
        Eigen::MatrixXd g(here.size(), 3);
        g << standardised(x + 1, y, z) - here, standardised(x, y + 1, z) - here,
            standardised(x, y, z + 1) - here;
        const Eigen::Matrix3d l = g.transpose() * g / dof;
        sum += std::sqrt(std::abs(l.determinant()) / std::pow(4 * std::log(2.0), 3));
      }
  return sum / double((size[0] - 1) * (size[1] - 1) * (size[2] - 1));
}

void smoothness(benchmark::State& state) {
  const GroupBenchData& data = group_bench_data(state.range(0));
  constexpr double kDof = kParticipants - 1;
  const double resels = 1 / smoothness_of_residuals(data.mask, data.effects, kDof).resel_voxels();
  const double plain = plain_resels_per_voxel(data, kDof);
  if (!(std::abs(resels - plain) <= 1e-9 * plain))
    return state.SkipWithError("differs from the plain loops");
  for (auto _ : state)
    benchmark::DoNotOptimize(smoothness_of_residuals(data.mask, data.effects, kDof).n_voxels);
}
BENCHMARK(smoothness)->Apply(both_sizes);

}  // namespace
}  // namespace sociometer::bench
