// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/products.hpp"

#define SOCIOMETER_JOIN2(a, b) a##b
#define SOCIOMETER_JOIN(a, b) SOCIOMETER_JOIN2(a, b)
#define SOCIOMETER_STRING2(a) #a
#define SOCIOMETER_STRING(a) SOCIOMETER_STRING2(a)

namespace sociometer::kernels {
namespace {

typedef double Vector __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), aligned(8), may_alias));
constexpr int kLanes = SOCIOMETER_VECTOR_BYTES / 8;
constexpr int kRowBlock = 4;
constexpr int kVectorBlock = 2;
constexpr int kVectorsPerTile = kTileWidth / kLanes;
static_assert(kVectorsPerTile % kVectorBlock == 0);

const Vector* as_vectors(const double* p) { return reinterpret_cast<const Vector*>(p); }
Vector* as_vectors(double* p) { return reinterpret_cast<Vector*>(p); }

/// A block of Rows x kVectorBlock sums stays in registers while time runs.
template <int Rows>
void block(const double* weights, long stride, int n_times, const double* series, double* sums) {
  for (int v = 0; v < kVectorsPerTile; v += kVectorBlock) {
    Vector sum[Rows][kVectorBlock];
    for (int r = 0; r < Rows; ++r)
      for (int c = 0; c < kVectorBlock; ++c) sum[r][c] = as_vectors(sums + r * kTileWidth)[v + c];
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

void accumulate_products(const double* weights, long stride, int n_times, int n_rows,
                         const double* series, double* sums) {
  int r = 0;
  for (; r + kRowBlock <= n_rows; r += kRowBlock)
    block<kRowBlock>(weights + r, stride, n_times, series, sums + r * kTileWidth);
  for (; r < n_rows; ++r) block<1>(weights + r, stride, n_times, series, sums + r * kTileWidth);
}

void accumulate_lags(const double* series, int n_times, int order, double* lags) {
  for (int k = 0; k <= order; ++k)
    for (int v = 0; v < kVectorsPerTile; ++v) {
      Vector sum = as_vectors(lags + k * kTileWidth)[v];
      for (int t = 0; t < n_times; ++t)
        sum +=
            as_vectors(series + t * kTileWidth)[v] * as_vectors(series + (t - k) * kTileWidth)[v];
      as_vectors(lags + k * kTileWidth)[v] = sum;
    }
}

}  // namespace

extern const KernelSet SOCIOMETER_JOIN(kKernels_, SOCIOMETER_KERNEL_LEVEL);
const KernelSet SOCIOMETER_JOIN(kKernels_, SOCIOMETER_KERNEL_LEVEL) = {
    SOCIOMETER_STRING(SOCIOMETER_KERNEL_LEVEL), accumulate_products, accumulate_lags};

}  // namespace sociometer::kernels
