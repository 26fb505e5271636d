// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

constexpr int kVectorBlock = 2;
constexpr int kVectorsPerLine = kLanes < 8 ? 8 / kLanes : 1;  ///< per cache line
constexpr int kVectorsPerTile = kTileWidth / kLanes;
static_assert(kVectorsPerTile % kVectorBlock == 0);

/// A block of Rows x kVectorBlock sums stays in registers over the loop in time.
template <int Rows>
void block(const double* weights, long stride, int n_times, int n_lanes, const double* series,
           double* sums) {
  for (int v = 0; v * kLanes < n_lanes; v += kVectorBlock) {
    Vector sum[Rows][kVectorBlock];
    for (int r = 0; r < Rows; ++r)
      for (int c = 0; c < kVectorBlock; ++c) sum[r][c] = as_vectors(sums + r * kTileWidth)[v + c];
    // The sums of the next rows, or of the next tile, are far away in memory.
    for (int r = 0; r < Rows; ++r)
      for (int c = 0; c < kVectorBlock; c += kVectorsPerLine)
        __builtin_prefetch(reinterpret_cast<const void*>(
                               reinterpret_cast<unsigned long>(sums) +
                               sizeof(double) * ((r + kRowBlock) * kTileWidth + (v + c) * kLanes)),
                           1);
    for (int t = 0; t < n_times; ++t) {
      const Vector* y = as_vectors(series + t * kTileWidth) + v;
      const double* w = weights + t * stride;
      for (int r = 0; r < Rows; ++r)
        for (int c = 0; c < kVectorBlock; ++c) sum[r][c] += w[r] * y[c];
    }
    for (int r = 0; r < Rows; ++r)
      for (int c = 0; c < kVectorBlock; ++c) as_vectors(sums + r * kTileWidth)[v + c] = sum[r][c];
  }
}

void accumulate_lane_products(const double* weights, long stride, int n_times, int n_rows,
                              int n_lanes, const double* series, double* sums) {
  int r = 0;
  for (; r + kRowBlock <= n_rows; r += kRowBlock)
    block<kRowBlock>(weights + r, stride, n_times, n_lanes, series, sums + r * kTileWidth);
  weights += r;
  sums += r * kTileWidth;
  switch (n_rows - r) {
    case 5:
      return block<5>(weights, stride, n_times, n_lanes, series, sums);
    case 4:
      return block<4>(weights, stride, n_times, n_lanes, series, sums);
    case 3:
      return block<3>(weights, stride, n_times, n_lanes, series, sums);
    case 2:
      return block<2>(weights, stride, n_times, n_lanes, series, sums);
    case 1:
      return block<1>(weights, stride, n_times, n_lanes, series, sums);
    default:
      return;
  }
}

void accumulate_products(const double* weights, long stride, int n_times, int n_rows,
                         const double* series, double* sums) {
  accumulate_lane_products(weights, stride, n_times, n_rows, kTileWidth, series, sums);
}

void accumulate_lags(const double* series, int n_times, int order, double* lags) {
  for (int k = 0; k <= order; ++k)
    for (int v = 0; v < kVectorsPerTile; v += kVectorBlock) {
      Vector* out = as_vectors(lags + k * kTileWidth) + v;
      Vector sum[kVectorBlock];
      for (int c = 0; c < kVectorBlock; ++c) sum[c] = out[c];
      for (int t = 0; t < n_times; ++t)
        for (int c = 0; c < kVectorBlock; ++c)
          sum[c] += as_vectors(series + t * kTileWidth)[v + c] *
                    as_vectors(series + (t - k) * kTileWidth)[v + c];
      for (int c = 0; c < kVectorBlock; ++c) out[c] = sum[c];
    }
}

void shift_values(double* values, const double* shift, double* flaw) {
  for (int v = 0; v < kVectorsPerTile; ++v) {
    const Vector y = as_vectors(values)[v];
    const Vector nothing = y - y;  // NaN for NaN and infinities
    as_vectors(flaw)[v] += nothing;
    as_vectors(values)[v] = nothing == 0 ? y - as_vectors(shift)[v] : Vector{};
  }
}

}  // namespace

void SOCIOMETER_KERNEL(solve_tile)(const NormalSystem& system, const TileRows& rows,
                                   const double* sums, const double* coefficients, double* work,
                                   const TileSolution& out);
void SOCIOMETER_KERNEL(whiten_recursively)(int n, int n_lanes, const double* reciprocals,
                                           const double* keep, const double* gain,
                                           const double* series, double* whitened, double* squares);
void SOCIOMETER_KERNEL(whiten_by_band)(int n, int n_lanes, const double* reciprocals,
                                       const int* first, const double* band, const double* series,
                                       double* whitened, double* squares);
void SOCIOMETER_KERNEL(contrast_forms)(const NormalSystem& system, const double* weights,
                                       double* forms);
void SOCIOMETER_KERNEL(ar_posterior)(const PosteriorSystem& s, const PosteriorSums& sums,
                                     double* mean, double* covariance);
void SOCIOMETER_KERNEL(ar_spread)(int order, const double* phi, const double* covariance,
                                  double* changes);
void SOCIOMETER_KERNEL(gather_tile)(const double* const* series, int n_lanes, long n_times,
                                    double* tile);
void SOCIOMETER_KERNEL(scatter_tile)(const double* tile, int n_lanes, long n_times,
                                     double* const* series);
void SOCIOMETER_KERNEL(solve_extras)(const NormalSystem& system, const ExtraSystem& extras,
                                     const TileRows& rows, const double* sums,
                                     const double* coefficients, double* work,
                                     const ExtraSolution& out);
void SOCIOMETER_KERNEL(subtract_squares)(int n_rows, const double* rows, double* sums);
void SOCIOMETER_KERNEL(atom_posteriors)(int n_atoms, const double* log_factors, double half_dof,
                                        double least, const double* squares, double* probabilities);
extern const KernelSet SOCIOMETER_KERNEL(kKernels);
const KernelSet SOCIOMETER_KERNEL(kKernels) = {SOCIOMETER_STRING(SOCIOMETER_KERNEL_LEVEL),
                                               accumulate_products,
                                               accumulate_lane_products,
                                               accumulate_lags,
                                               shift_values,
                                               SOCIOMETER_KERNEL(solve_tile),
                                               SOCIOMETER_KERNEL(whiten_recursively),
                                               SOCIOMETER_KERNEL(whiten_by_band),
                                               SOCIOMETER_KERNEL(contrast_forms),
                                               SOCIOMETER_KERNEL(ar_posterior),
                                               SOCIOMETER_KERNEL(ar_spread),
                                               SOCIOMETER_KERNEL(gather_tile),
                                               SOCIOMETER_KERNEL(scatter_tile),
                                               SOCIOMETER_KERNEL(solve_extras),
                                               SOCIOMETER_KERNEL(subtract_squares),
                                               SOCIOMETER_KERNEL(atom_posteriors)};

}  // namespace sociometer::kernels
