// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

/// Source of element i, with b's elements numbered after a's: blocks of `Step` elements come from
/// a and b in turn.
template <int Step, bool Second>
constexpr int place(int i) {
  const bool odd = i / Step % 2 != 0;
  return Second ? (odd ? kLanes + i : i + Step) : (odd ? kLanes + i - Step : i);
}

template <int Step, bool Second>
Vector shuffled(Vector a, Vector b) {
#define SOCIOMETER_PLACE(i) place<Step, Second>(i)
  if constexpr (kLanes == 2)
    return __builtin_shufflevector(a, b, SOCIOMETER_PLACE(0), SOCIOMETER_PLACE(1));
  else if constexpr (kLanes == 4)
    return __builtin_shufflevector(a, b, SOCIOMETER_PLACE(0), SOCIOMETER_PLACE(1),
                                   SOCIOMETER_PLACE(2), SOCIOMETER_PLACE(3));
  else
    return __builtin_shufflevector(a, b, SOCIOMETER_PLACE(0), SOCIOMETER_PLACE(1),
                                   SOCIOMETER_PLACE(2), SOCIOMETER_PLACE(3), SOCIOMETER_PLACE(4),
                                   SOCIOMETER_PLACE(5), SOCIOMETER_PLACE(6), SOCIOMETER_PLACE(7));
#undef SOCIOMETER_PLACE
}

/// Swaps elements of two vectors that are `step` apart: stage `step` of a transposition.
template <int Step>
void exchange(Vector* a, Vector* b) {
  const Vector x = *a, y = *b;
  *a = shuffled<Step, false>(x, y);
  *b = shuffled<Step, true>(x, y);
}

template <int Step>
void stage(Vector v[kLanes]) {
  for (int i = 0; i < kLanes; ++i)
    if (i / Step % 2 == 0) exchange<Step>(v + i, v + i + Step);
}

/// A square of vectors, transposed in place.
void transpose(Vector v[kLanes]) {
  stage<1>(v);
  if constexpr (kLanes > 2) stage<2>(v);
  if constexpr (kLanes > 4) stage<4>(v);
}

/// Times processed at once: a few cache lines of each series in turn, whose output
/// stays in the first-level cache.
constexpr long kTimes = 32;

void gather_tile(const double* const* series, int n_lanes, long n_times, double* tile) {
  for (long first = 0; first < n_times; first += kTimes) {
    const long last = first + kTimes < n_times ? first + kTimes : n_times;
    for (int lane = 0; lane < n_lanes; lane += kLanes) {
      const double* from[kLanes];
      for (int i = 0; i < kLanes; ++i)
        from[i] = series[lane + i < n_lanes ? lane + i : n_lanes - 1];
      long t = first;
      for (; t + kLanes <= last; t += kLanes) {
        alignas(64) Vector v[kLanes];
        for (int i = 0; i < kLanes; ++i) v[i] = *as_vectors(from[i] + t);
        transpose(v);
        for (int i = 0; i < kLanes; ++i) *as_vectors(tile + (t + i) * kTileWidth + lane) = v[i];
      }
      for (; t < last; ++t)
        for (int i = 0; i < kLanes; ++i) tile[t * kTileWidth + lane + i] = from[i][t];
    }
  }
}

void scatter_tile(const double* tile, int n_lanes, long n_times, double* const* series) {
  for (long first = 0; first < n_times; first += kTimes) {
    const long last = first + kTimes < n_times ? first + kTimes : n_times;
    for (int lane = 0; lane < n_lanes; lane += kLanes) {
      const int here = n_lanes - lane < kLanes ? n_lanes - lane : kLanes;
      long t = first;
      for (; t + kLanes <= last; t += kLanes) {
        alignas(64) Vector v[kLanes];
        for (int i = 0; i < kLanes; ++i) v[i] = *as_vectors(tile + (t + i) * kTileWidth + lane);
        transpose(v);
        for (int i = 0; i < here; ++i) *as_vectors(series[lane + i] + t) = v[i];
      }
      for (; t < last; ++t)
        for (int i = 0; i < here; ++i) series[lane + i][t] = tile[t * kTileWidth + lane + i];
    }
  }
}

}  // namespace

// Declared here as well as in products.cpp, which assembles the set.
void SOCIOMETER_KERNEL(gather_tile)(const double* const* series, int n_lanes, long n_times,
                                    double* tile);
void SOCIOMETER_KERNEL(gather_tile)(const double* const* series, int n_lanes, long n_times,
                                    double* tile) {
  gather_tile(series, n_lanes, n_times, tile);
}
void SOCIOMETER_KERNEL(scatter_tile)(const double* tile, int n_lanes, long n_times,
                                     double* const* series);
void SOCIOMETER_KERNEL(scatter_tile)(const double* tile, int n_lanes, long n_times,
                                     double* const* series) {
  scatter_tile(tile, n_lanes, n_times, series);
}

}  // namespace sociometer::kernels
