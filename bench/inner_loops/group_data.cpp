#include "bench/inner_loops/group_data.hpp"

#include <cmath>
#include <map>

#include "bench/data.hpp"

#include "engine/core/random.hpp"

namespace sociometer::bench {
namespace {

GroupBenchData make_group_bench_data(Eigen::Index n_voxels) {
  GroupBenchData data;
  data.mask = box(n_voxels);
  data.effects.resize(kParticipants, data.mask.n_voxels());
  data.variances.resize(kParticipants, data.mask.n_voxels());
  const CounterRandom random(1, 1);
  for (Eigen::Index i = 0; i < data.effects.size(); ++i) {
    const double v = 0.2 + random.uniform(uint64_t(2 * i));
    data.variances.data()[i] = v;
    data.effects.data()[i] = 0.2 + std::sqrt(v + 0.3) * random.normal(uint64_t(2 * i + 1));
  }
  return data;
}

/// What the other group benchmarks are compared with: one pass over the effects.
void reference_sum(benchmark::State& state) {
  const GroupBenchData& data = group_bench_data(state.range(0));
  double plain = 0;
  for (Eigen::Index i = 0; i < data.effects.size(); ++i) plain += data.effects.data()[i];
  if (!(std::abs(data.effects.sum() - plain) <= 1e-9 * double(data.effects.size())))
    return state.SkipWithError("differs from the plain loop");
  for (auto _ : state) benchmark::DoNotOptimize(data.effects.sum());
}
BENCHMARK(reference_sum)->Apply(both_sizes);

}  // namespace

const GroupBenchData& group_bench_data(Eigen::Index n_voxels) {
  static std::map<Eigen::Index, GroupBenchData> made;
  const auto found = made.find(n_voxels);
  if (found != made.end()) return found->second;
  return made.emplace(n_voxels, make_group_bench_data(n_voxels)).first->second;
}

Eigen::MatrixXd ones() { return Eigen::MatrixXd::Ones(kParticipants, 1); }

}  // namespace sociometer::bench
