// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/ar_polynomial.hpp"
#include "engine/glm/kernels/elementary.hpp"

namespace sociometer::kernels {
namespace {

template <int P>
constexpr int kTermsOf = P + 1 + P*(P + 1) / 2;

/// pi_1 .. pi_P by the step-down recursion.
template <int P>
void step_down(Vector* phi) {
  for (int k = P; k > 1; --k) {
    const Vector partial = phi[k - 1], scale = 1.0 / (1.0 - partial * partial);
    Vector shorter[P];
    for (int i = 0; i < k - 1; ++i) shorter[i] = (phi[i] + partial * phi[k - 2 - i]) * scale;
    for (int i = 0; i < k - 1; ++i) phi[i] = shorter[i];
  }
}

/// L of L L' = covariance, lower triangle by rows; 0 from a pivot on that is not positive.
template <int P>
void factor(const Vector* covariance, Vector* l) {
  const auto at = [](int i, int j) { return i * (i + 1) / 2 + j; };
  for (int j = 0; j < P; ++j)
    for (int i = j; i < P; ++i) {
      Vector sum = covariance[at(i, j)];
      for (int k = 0; k < j; ++k) sum -= l[at(i, k)] * l[at(j, k)];
      if (i == j)
        l[at(i, j)] = square_root(largest(sum, Vector{}));
      else
        l[at(i, j)] = l[at(j, j)] > 0 ? sum / l[at(j, j)] : Vector{};
    }
}

/// What the terms of the normal matrix are multiplied by.
template <int P>
void write_terms(const ArPolynomial<P>& p, Vector* terms) {
  for (int d = 0; d <= P; ++d) terms[d] = p.w[d];
  int term = P + 1;
  for (int j = 0; j < P; ++j)
    for (int i = 0; i <= j; ++i, ++term) {
      terms[term] = Vector{};
      for (int m = 1; m + j <= P; ++m) terms[term] -= p.a[m + i] * p.a[m + j];
    }
}

template <int P>
void spread(const double* phi, const double* covariance, double* changes) {
  constexpr int kEntries = P * (P + 1) / 2, kTerms = kTermsOf<P>;
  Vector partial[P], packed[kEntries], l[kEntries], twice[kEntries], shift[kEntries];
  for (int k = 0; k < P; ++k) partial[k] = as_vectors(phi + long(k) * kTileWidth)[0];
  for (int e = 0; e < kEntries; ++e) packed[e] = as_vectors(covariance + long(e) * kTileWidth)[0];
  step_down<P>(partial);
  factor<P>(packed, l);
  for (int e = 0; e < kEntries; ++e) twice[e] = -2.0 * (l[e] < 0 ? -l[e] : l[e]);
  exponentials<kEntries>(twice, shift);
  for (int e = 0; e < kEntries; ++e) {  // tanh
    const Vector size = (1.0 - shift[e]) / (1.0 + shift[e]);
    shift[e] = l[e] < 0 ? -size : size;
  }
  for (int axis = 0; axis < P; ++axis) {
    Vector terms[2][kTerms];
    for (int side = 0; side < 2; ++side) {
      Vector moved[P];
      for (int i = 0; i < P; ++i) {
        moved[i] = partial[i];
        if (i < axis) continue;
        // tanh of a sum
        const Vector by =
            side == 0 ? shift[i * (i + 1) / 2 + axis] : -shift[i * (i + 1) / 2 + axis];
        moved[i] = (partial[i] + by) / (1.0 + partial[i] * by);
      }
      ArPolynomial<P> p;
      p.set_coefficients(moved);
      write_terms(p, terms[side]);
    }
    for (int t = 0; t < kTerms; ++t)
      as_vectors(changes + (long(axis) * kTerms + t) * kTileWidth)[0] =
          0.5 * (terms[0][t] - terms[1][t]);
  }
}

}  // namespace

void SOCIOMETER_KERNEL(ar_spread)(int order, const double* phi, const double* covariance,
                                  double* changes);
void SOCIOMETER_KERNEL(ar_spread)(int order, const double* phi, const double* covariance,
                                  double* changes) {
  for (int lane = 0; lane < kTileWidth; lane += kLanes) switch (order) {
      case 1:
        spread<1>(phi + lane, covariance + lane, changes + lane);
        break;
      case 2:
        spread<2>(phi + lane, covariance + lane, changes + lane);
        break;
      case 3:
        spread<3>(phi + lane, covariance + lane, changes + lane);
        break;
      case 4:
        spread<4>(phi + lane, covariance + lane, changes + lane);
        break;
      default:
        spread<5>(phi + lane, covariance + lane, changes + lane);
    }
}

}  // namespace sociometer::kernels
