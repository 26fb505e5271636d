#pragma once
// For sources that are compiled once per instruction set.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

/// An AR process of order P, from its partial autocorrelations.
template <int P>
struct ArPolynomial {
  Vector a[P + 1];  ///< 1, -phi
  Vector w[P + 1];  ///< of the inverse covariance, by distance

  void set_coefficients(const Vector* partial) {
    a[0] = Vector{} + 1.0;
    extend<0>(partial);
    for (int d = 0; d <= P; ++d) {
      w[d] = a[d];
      for (int k = 1; k + d <= P; ++k) w[d] += a[k] * a[k + d];
    }
  }

 private:
  /// From order K on, by Durbin's recursion; as a loop it would not be unrolled.
  template <int K>
  void extend(const Vector* partial) {
    if constexpr (K < P) {
      Vector next[K + 1];
      for (int j = 1; j <= K; ++j) next[j] = a[j] - partial[K] * a[K + 1 - j];
      for (int j = 1; j <= K; ++j) a[j] = next[j];
      a[K + 1] = -partial[K];
      extend<K + 1>(partial);
    }
  }
};

}  // namespace
}  // namespace sociometer::kernels
