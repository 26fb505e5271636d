// Whole-brain times of group models and of the statistics reported for their maps:
// 217,000 voxels, 40 participants.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/mixed_effects.hpp"
#include "engine/group/robust.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kParticipants = 40;

struct Data {
  Mask mask;
  Eigen::MatrixXd effects, variances;
  Data() {
    mask.grid.size = {70, 62, 50};
    for (uint32_t v = 0; v < 217000; ++v) mask.voxels.push_back(v);
    effects.resize(kParticipants, mask.n_voxels());
    variances.resize(kParticipants, mask.n_voxels());
    const CounterRandom random(1, 1);
    for (Eigen::Index i = 0; i < effects.size(); ++i) {
      const double v = 0.2 + random.uniform(uint64_t(2 * i));
      variances.data()[i] = v;
      effects.data()[i] = 0.2 + std::sqrt(v + 0.3) * random.normal(uint64_t(2 * i + 1));
    }
  }
};

const Data& data() {
  static const Data all;
  return all;
}

const Eigen::MatrixXd kOnes = Eigen::MatrixXd::Ones(kParticipants, 1);

/// Checks that the derivative of the restricted likelihood, written out, is zero at tau2: otherwise
/// timings would be meaningless.
void verify(const MixedEffectsMaps& maps) {
  for (Eigen::Index v = 0; v < 1000; ++v) {
    const double tau2 = maps.tau2(0, v);
    if (tau2 == 0) continue;
    const Eigen::ArrayXd w = (data().variances.col(v).array() + tau2).inverse();
    const Eigen::ArrayXd y = data().effects.col(v).array();
    const Eigen::ArrayXd r = y - (w * y).sum() / w.sum();
    const double slope = (w * w * r * r).sum() - (w.sum() - (w * w).sum() / w.sum());
    if (!(std::abs(slope) < 1e-6 * w.sum())) {
      std::fprintf(stderr, "voxel %ld: slope %g\n", long(v), slope);
      std::exit(1);
    }
  }
}

void mixed_effects(benchmark::State& state) {
  MixedOptions options;
  options.n_threads = int(state.range(0));
  verify(fit_mixed_effects(data().effects, data().variances, kOnes, {kOnes.topRows(1)}, options));
  for (auto _ : state)
    benchmark::DoNotOptimize(
        fit_mixed_effects(data().effects, data().variances, kOnes, {kOnes.topRows(1)}, options)
            .q[0]);
}

void robust(benchmark::State& state) {
  RobustOptions options;
  options.n_threads = int(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(fit_robust(data().effects, kOnes, {kOnes.topRows(1)}, options).n[0]);
}

void smoothness(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(smoothness_of_residuals(data().mask, data().effects, 39).n_voxels);
}

void report(benchmark::State& state) {
  const MixedEffectsMaps maps =
      fit_mixed_effects(data().effects, data().variances, kOnes, {kOnes.topRows(1)});
  const GroupMaps& c = maps.contrasts[0];
  Smoothness noise;
  noise.fwhm_voxels = {3, 3, 3};
  for (auto _ : state)
    benchmark::DoNotOptimize(
        report_clusters(data().mask, tested_map(c.statistic, c.z, c.dof, 0), noise, {})
            .clusters.size());
}

BENCHMARK(mixed_effects)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(robust)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(smoothness)->Unit(benchmark::kMillisecond);
BENCHMARK(report)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sociometer

BENCHMARK_MAIN();
