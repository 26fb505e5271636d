#pragma once
// Elementary functions for sources that are compiled once per instruction set.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

typedef long long Bits __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), may_alias));

constexpr double kLn2 = 0.693147180559945309417;
constexpr int kExponentShift = 52;
constexpr long long kExponentOfOne = 1023LL << kExponentShift,
                    kMantissa = (1LL << kExponentShift) - 1;
/// Adding this to a double of moderate size rounds it to an integer, held in the low bits.
constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52

Vector all(double x) { return Vector{} + x; }
[[maybe_unused]] Vector least(Vector a, Vector b) { return a < b ? a : b; }
[[maybe_unused]] Vector largest(Vector a, Vector b) { return a > b ? a : b; }

/// ln x of N positive normal numbers, to 1e-13.
template <int N>
void logarithms(const Vector* x, Vector* out) {
  Vector exponent[N], s[N], q[N];
  for (int i = 0; i < N; ++i) {
    const Bits bits = (Bits)x[i];
    exponent[i] = (Vector)(((bits >> kExponentShift) - 1023) + (Bits)all(kRounder)) - kRounder;
    Vector m = (Vector)((bits & kMantissa) | kExponentOfOne);
    const Bits high = m > all(1.4142135623730951);
    m = high ? 0.5 * m : m;
    exponent[i] = high ? exponent[i] + 1.0 : exponent[i];
    s[i] = (m - 1.0) / (m + 1.0);
    q[i] = s[i] * s[i];
    out[i] = q[i] * (1.0 / 15) + 1.0 / 13;
  }
  for (int odd = 11; odd > 0; odd -= 2)
    for (int i = 0; i < N; ++i) out[i] = out[i] * q[i] + 1.0 / odd;
  for (int i = 0; i < N; ++i) out[i] = exponent[i] * kLn2 + (s[i] + s[i]) * out[i];
}

[[maybe_unused]] Vector logarithm(Vector x) {
  Vector out;
  logarithms<1>(&x, &out);
  return out;
}

/// e^x of N numbers x <= 0, to 1e-13; 0 below -700. Step by step for all of them: one alone would
/// wait for each of its steps.
template <int N>
void exponentials(const Vector* x, Vector* out) {
  constexpr double kTaylor[] = {
      1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
      1.0 / 120,      1.0 / 24,      1.0 / 6,      1.0 / 2,     1,          1};
  Vector rounded[N], r[N];
  for (int i = 0; i < N; ++i) {
    const Vector held = largest(x[i], all(-700.0));
    rounded[i] = held * (1 / kLn2) + kRounder;
    r[i] = held - (rounded[i] - kRounder) * kLn2;
    out[i] = kTaylor[0] * r[i] + kTaylor[1];
  }
  for (int term = 2; term < int(sizeof(kTaylor) / sizeof(double)); ++term)
    for (int i = 0; i < N; ++i) out[i] = out[i] * r[i] + kTaylor[term];
  for (int i = 0; i < N; ++i) {
    const Bits scale = ((Bits)rounded[i] - (Bits)all(kRounder)) << kExponentShift;
    const Vector y = (Vector)((Bits)out[i] + scale);
    out[i] = x[i] > all(-700.0) ? y : Vector{};
  }
}

}  // namespace
}  // namespace sociometer::kernels
