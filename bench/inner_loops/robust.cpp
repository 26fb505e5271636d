// Huber's M-estimate, one thread. Before it is timed, the sum of psi over participants, written
// out, is zero at the estimate.
#include "engine/group/robust.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/inner_loops/group_data.hpp"

namespace sociometer::bench {
namespace {

bool solves_its_equation(const GroupBenchData& data, const RobustMaps& maps) {
  for (Eigen::Index v = 0; v < 1000; ++v) {
    const Eigen::ArrayXd r = data.effects.col(v).array() - maps.betas(0, v);
    std::vector<double> sizes(size_t(r.size()));
    for (Eigen::Index i = 0; i < r.size(); ++i) sizes[size_t(i)] = std::abs(r[i]);
    std::sort(sizes.begin(), sizes.end());
    const double scale =
        (sizes[sizes.size() / 2 - 1] + sizes[sizes.size() / 2]) / 2 / 0.6745;  // of an even number
    const double sum = (r / scale).max(-1.345).min(1.345).sum();
    if (!(std::abs(sum) <= 1e-6 && std::abs(scale - maps.scale[v]) <= 1e-6 * scale)) return false;
  }
  return true;
}

void robust(benchmark::State& state) {
  const GroupBenchData& data = group_bench_data(state.range(0));
  if (!solves_its_equation(data, fit_robust(data.effects, ones(), {ones().topRows(1)})))
    return state.SkipWithError("the sum of psi is not zero");
  for (auto _ : state)
    benchmark::DoNotOptimize(fit_robust(data.effects, ones(), {ones().topRows(1)}).n[0]);
}
BENCHMARK(robust)->Apply(both_sizes);

}  // namespace
}  // namespace sociometer::bench
