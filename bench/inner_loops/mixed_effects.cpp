// Mixed effects by restricted maximum likelihood, one thread. Before it is timed, the derivative of
// the restricted likelihood, written out, is zero at tau2.
#include "engine/group/mixed_effects.hpp"

#include <cmath>

#include "bench/inner_loops/group_data.hpp"

namespace sociometer::bench {
namespace {

bool at_maximum(const GroupBenchData& data, const MixedEffectsMaps& maps) {
  for (Eigen::Index v = 0; v < 1000; ++v) {
    const double tau2 = maps.tau2(0, v);
    const Eigen::ArrayXd w = (data.variances.col(v).array() + tau2).inverse();
    const Eigen::ArrayXd y = data.effects.col(v).array();
    const Eigen::ArrayXd r = y - (w * y).sum() / w.sum();
    const double slope = (w * w * r * r).sum() - (w.sum() - (w * w).sum() / w.sum());
    const double allowed = 1e-6 * w.sum();
    // Where tau2 is 0 the likelihood may still fall from there.
    if (!(tau2 == 0 ? slope <= allowed : std::abs(slope) <= allowed)) return false;
  }
  return true;
}

void mixed_effects(benchmark::State& state) {
  const GroupBenchData& data = group_bench_data(state.range(0));
  const auto fit = [&] {
    return fit_mixed_effects(data.effects, data.variances, ones(), {ones().topRows(1)});
  };
  if (!at_maximum(data, fit()))
    return state.SkipWithError("the restricted likelihood has a slope at tau2");
  for (auto _ : state) benchmark::DoNotOptimize(fit().q[0]);
}
BENCHMARK(mixed_effects)->Apply(both_sizes);

}  // namespace
}  // namespace sociometer::bench
