// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

constexpr int kVectorsPerTile = kTileWidth / kLanes;
constexpr int kVectorBlock = 4;
static_assert(kVectorsPerTile % kVectorBlock == 0);

}  // namespace

void SOCIOMETER_KERNEL(whiten_recursively)(int n, int n_lanes, const double* reciprocals,
                                           const double* keep, const double* gain,
                                           const double* series, double* whitened, double* squares);
void SOCIOMETER_KERNEL(whiten_recursively)(int n, int n_lanes, const double* reciprocals,
                                           const double* keep, const double* gain,
                                           const double* series, double* whitened,
                                           double* squares) {
  for (int v = 0; v * kLanes < n_lanes; v += kVectorBlock) {
    Vector carried[kVectorBlock] = {}, sum[kVectorBlock] = {};
    for (int i = 0; i < n; ++i) {
      const Vector* y = as_vectors(series + long(i) * kTileWidth) + v;
      Vector* out = as_vectors(whitened + long(i) * kTileWidth) + v;
      for (int c = 0; c < kVectorBlock; ++c) {
        const Vector z = (y[c] - carried[c]) * reciprocals[i];
        out[c] = z;
        sum[c] += z * z;
        carried[c] = keep[i] * carried[c] + gain[i] * z;
      }
    }
    for (int c = 0; c < kVectorBlock; ++c) as_vectors(squares)[v + c] = sum[c];
  }
}

void SOCIOMETER_KERNEL(whiten_by_band)(int n, int n_lanes, const double* reciprocals,
                                       const int* first, const double* band, const double* series,
                                       double* whitened, double* squares);
void SOCIOMETER_KERNEL(whiten_by_band)(int n, int n_lanes, const double* reciprocals,
                                       const int* first, const double* band, const double* series,
                                       double* whitened, double* squares) {
  for (int v = 0; v * kLanes < n_lanes; v += kVectorBlock) {
    Vector sum[kVectorBlock] = {};
    const double* l = band;
    for (int i = 0; i < n; ++i) {
      const Vector* y = as_vectors(series + long(i) * kTileWidth) + v;
      Vector* out = as_vectors(whitened + long(i) * kTileWidth) + v;
      Vector z[kVectorBlock];
      for (int c = 0; c < kVectorBlock; ++c) z[c] = y[c];
      for (int j = first[i]; j < i; ++j, ++l)
        for (int c = 0; c < kVectorBlock; ++c)
          z[c] -= *l * as_vectors(whitened + long(j) * kTileWidth)[v + c];
      for (int c = 0; c < kVectorBlock; ++c) {
        z[c] *= reciprocals[i];
        out[c] = z[c];
        sum[c] += z[c] * z[c];
      }
    }
    for (int c = 0; c < kVectorBlock; ++c) as_vectors(squares)[v + c] = sum[c];
  }
}

}  // namespace sociometer::kernels
