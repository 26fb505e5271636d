// The inner loop of streaming estimation, for each instruction set supported by this processor.
// Each is compared with the plain loop before it is timed.
#include <cmath>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/core/random.hpp"
#include "engine/glm/kernels/kernels.hpp"

namespace {

using namespace sociometer;
constexpr int kRows = 56, kTimes = 16;  // 28 columns at lags 0 and 1, one block of scans

void products(benchmark::State& state, const char* name) {
  const kernels::KernelSet* set = kernels::find_kernels(name);
  if (!set) return state.SkipWithError("not on this processor");
  const CounterRandom random(1, 1);
  std::vector<double> weights(kRows * kTimes), series(kTimes * kernels::kTileWidth),
      sums(kRows * kernels::kTileWidth, 0.0);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = random.normal(i);
  for (size_t i = 0; i < series.size(); ++i) series[i] = random.normal(100000 + i);
  set->accumulate_products(weights.data(), kRows, kTimes, kRows, series.data(), sums.data());
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kernels::kTileWidth; ++v) {
      double expected = 0;
      for (int t = 0; t < kTimes; ++t)
        expected += weights[size_t(t * kRows + r)] * series[size_t(t * kernels::kTileWidth + v)];
      if (!(std::abs(expected - sums[size_t(r * kernels::kTileWidth + v)]) <= 1e-12))
        return state.SkipWithError("differs from the plain loop");
    }
  for (auto _ : state) {
    set->accumulate_products(weights.data(), kRows, kTimes, kRows, series.data(), sums.data());
    benchmark::ClobberMemory();
  }
  state.counters["flops"] = benchmark::Counter(2.0 * kRows * kTimes * kernels::kTileWidth,
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(products, sse2, "sse2");
BENCHMARK_CAPTURE(products, avx2, "avx2");
BENCHMARK_CAPTURE(products, avx512, "avx512");

}  // namespace
