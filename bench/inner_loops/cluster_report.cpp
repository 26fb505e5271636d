// The report of a map: clusters, peaks and corrected p. Before it is timed, the sizes of its
// clusters are compared with a flood from voxel to voxel.
#include "engine/group/cluster_report.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "bench/data.hpp"
#include "bench/inner_loops/group_data.hpp"

#include "engine/group/group_fit.hpp"

namespace sociometer::bench {
namespace {

using Sizes = std::vector<size_t>;  // in descending order

/// Clusters of a box whose voxels touch by faces, edges or corners.
Sizes flooded(const Grid& grid, const Eigen::VectorXd& values, double threshold) {
  std::vector<bool> waits(size_t(values.size()));
  for (Eigen::Index v = 0; v < values.size(); ++v) waits[size_t(v)] = values[v] >= threshold;
  Sizes sizes;
  for (Eigen::Index start = 0; start < values.size(); ++start) {
    std::vector<Eigen::Index> to_visit;
    const auto visit = [&](Eigen::Index v) {
      if (waits[size_t(v)]) to_visit.push_back(v);
      waits[size_t(v)] = false;
    };
    visit(start);
    size_t size = 0;
    for (; size < to_visit.size(); ++size) {
      const auto [x, y, z] = grid.position(to_visit[size]);
      for (Eigen::Index i = std::max<Eigen::Index>(x - 1, 0); i < std::min(x + 2, grid.size[0]);
           ++i)
        for (Eigen::Index j = std::max<Eigen::Index>(y - 1, 0); j < std::min(y + 2, grid.size[1]);
             ++j)
          for (Eigen::Index k = std::max<Eigen::Index>(z - 1, 0); k < std::min(z + 2, grid.size[2]);
               ++k)
            visit(grid.index(i, j, k));
    }
    if (size > 0) sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}

Sizes reported(const MapReport& report) {
  Sizes sizes;
  for (const ClusterReport& c : report.clusters) sizes.push_back(c.cluster.voxels.size());
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}

void cluster_report(benchmark::State& state) {
  const Mask mask = box(state.range(0));
  constexpr double kDof = 39, kStandardDeviation = 0.107;  // of the smooth noise
  const Eigen::VectorXd t = smooth_noise(mask, 1).row(0).transpose() / kStandardDeviation;
  const TestedMap map{t, t, RandomField::Kind::t, 1, kDof};
  Smoothness noise;
  noise.fwhm_voxels = {3, 3, 3};
  const MapReport report = report_clusters(mask, map, noise, {});
  const Sizes plain = flooded(mask.grid, t, report.threshold);
  if (plain.empty() || reported(report) != plain)
    return state.SkipWithError("clusters differ from those of a flood");
  for (auto _ : state)
    benchmark::DoNotOptimize(report_clusters(mask, map, noise, {}).clusters.size());
}
BENCHMARK(cluster_report)->Apply(both_sizes);

}  // namespace
}  // namespace sociometer::bench
