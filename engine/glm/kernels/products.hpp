#pragma once

namespace sociometer::kernels {

/// Voxels that the inner loops take at a time: one row of every buffer.
inline constexpr int kTileWidth = 64;

/// sums[r][v] += sum over t of weights[t][r] * series[t][v].
///
/// @param weights  (n_times, n_rows), rows `weight_stride` apart.
/// @param series   (n_times, kTileWidth), contiguous.
/// @param sums     (n_rows, kTileWidth), contiguous.
/// Times are added in order, so the result does not depend on how voxels are split among threads.
using AccumulateProducts = void (*)(const double* weights, long weight_stride, int n_times,
                                    int n_rows, const double* series, double* sums);

/// lags[k][v] += sum over t in [0, n_times) of series[t][v] * series[t - k][v], k = 0 .. order.
/// `series` points at time 0; `order` earlier rows lie before it.
using AccumulateLags = void (*)(const double* series, int n_times, int order, double* lags);

struct KernelSet {
  const char* name;
  AccumulateProducts accumulate_products;
  AccumulateLags accumulate_lags;
};

/// The fastest set that this processor runs. Asking for `name` ("sse2", "avx2", "avx512") gives
/// that set, or nullptr when the processor or this build lacks it.
const KernelSet& best_kernels();
const KernelSet* find_kernels(const char* name);

}  // namespace sociometer::kernels
