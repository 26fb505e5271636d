// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/elementary.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer::shuffle_kernels {
namespace {

using kernels::kLanes;
using kernels::largest;
using kernels::square_root;
using kernels::Vector;
static_assert(kMixedLanes % kLanes == 0);

// Pointers, not references: through a reference, clang takes vectors to be aligned as their size.
Vector* at(double* rows, long i) { return reinterpret_cast<Vector*>(rows + i * kMixedLanes); }
const Vector* at(const double* rows, long i) {
  return reinterpret_cast<const Vector*>(rows + i * kMixedLanes);
}

/// One vector of a tile's voxels.
struct Voxels {
  const MixedTile& t;
  const MixedPoint& out;
  int p;

  long entry(int j, int k) const { return long(j) * p + k; }

  /// X'WX, X'W^2X, X'W^3X (lower triangles), X'Wy, and the sums of W and W^2.
  void sum_products(Vector tau2, Vector* sums) const {
    for (int i = 0; i < p * p; ++i) *at(out.a, i) = *at(out.b, i) = *at(out.c, i) = Vector{};
    for (int j = 0; j < p; ++j) *at(out.beta, j) = Vector{};
    Vector w_sum{}, w2_sum{};
    for (int i = 0; i < t.n; ++i) {
      const Vector w = *at(t.present, i) / (*at(t.v, i) + tau2), w2 = w * w, w3 = w2 * w,
                   wy = w * *at(t.y, i);
      *at(out.weights, i) = w;
      w_sum += w;
      w2_sum += w2;
      const double* x = t.design + long(i) * p;
      for (int j = 0; j < p; ++j) {
        *at(out.beta, j) += x[j] * wy;
        for (int k = 0; k <= j; ++k) {
          const double xx = x[j] * x[k];
          *at(out.a, entry(j, k)) += xx * w;
          *at(out.b, entry(j, k)) += xx * w2;
          *at(out.c, entry(j, k)) += xx * w3;
        }
      }
    }
    sums[0] = w_sum;
    sums[1] = w2_sum;
  }

  /// The same for a column of ones, whose sums stay in registers.
  void sum_products_of_mean(Vector tau2, Vector* sums) const {
    Vector w_sum{}, w2_sum{}, w3_sum{}, y_sum{};
    for (int i = 0; i < t.n; ++i) {
      const Vector w = *at(t.present, i) / (*at(t.v, i) + tau2), w2 = w * w;
      *at(out.weights, i) = w;
      w_sum += w;
      w2_sum += w2;
      w3_sum += w2 * w;
      y_sum += w * *at(t.y, i);
    }
    *at(out.a, 0) = w_sum;
    *at(out.b, 0) = w2_sum;
    *at(out.c, 0) = w3_sum;
    *at(out.beta, 0) = y_sum;
    sums[0] = w_sum;
    sums[1] = w2_sum;
  }

  /// Cholesky factor of X'WX, and the smallest pivot relative to its diagonal.
  void factor() const {
    Vector smallest = Vector{} + 1.0;
    for (int j = 0; j < p; ++j) {
      const Vector diagonal = largest(*at(out.a, entry(j, j)), Vector{} + 1e-300);
      for (int k = 0; k < j; ++k) {
        Vector sum = *at(out.a, entry(j, k));
        for (int m = 0; m < k; ++m) sum -= *at(out.a, entry(j, m)) * *at(out.a, entry(k, m));
        *at(out.a, entry(j, k)) = sum / *at(out.a, entry(k, k));
      }
      Vector pivot = *at(out.a, entry(j, j));
      for (int m = 0; m < j; ++m) pivot -= *at(out.a, entry(j, m)) * *at(out.a, entry(j, m));
      const Vector relative = pivot / diagonal;
      smallest = relative < smallest ? relative : smallest;
      *at(out.a, entry(j, j)) = square_root(largest(pivot, t.least_pivot * diagonal));
    }
    *at(out.smallest_pivot, 0) = smallest;
  }

  void solve() const {
    double* beta = out.beta;
    for (int j = 0; j < p; ++j) {
      for (int k = 0; k < j; ++k) *at(beta, j) -= *at(out.a, entry(j, k)) * *at(beta, k);
      *at(beta, j) /= *at(out.a, entry(j, j));
    }
    for (int j = p - 1; j >= 0; --j) {
      for (int k = j + 1; k < p; ++k) *at(beta, j) -= *at(out.a, entry(k, j)) * *at(beta, k);
      *at(beta, j) /= *at(out.a, entry(j, j));
    }
  }

  /// Trace of A^-1 M for a symmetric M given by its lower half, which is overwritten with
  /// L^-1 M L^-T, and its squared norm, tr(A^-1 M A^-1 M).
  Vector whiten(double* m, Vector* squares) const {
    for (int j = 0; j < p; ++j)
      for (int k = 0; k < j; ++k) *at(m, entry(k, j)) = *at(m, entry(j, k));
    for (int column = 0; column < p; ++column)  // L^-1 M
      for (int j = 0; j < p; ++j) {
        for (int k = 0; k < j; ++k)
          *at(m, entry(j, column)) -= *at(out.a, entry(j, k)) * *at(m, entry(k, column));
        *at(m, entry(j, column)) /= *at(out.a, entry(j, j));
      }
    for (int row = 0; row < p; ++row)  // (L^-1 M) L^-T
      for (int j = 0; j < p; ++j) {
        for (int k = 0; k < j; ++k)
          *at(m, entry(row, j)) -= *at(out.a, entry(j, k)) * *at(m, entry(row, k));
        *at(m, entry(row, j)) /= *at(out.a, entry(j, j));
      }
    Vector trace{};
    for (int j = 0; j < p; ++j) trace += *at(m, entry(j, j));
    *squares = Vector{};
    for (int i = 0; i < p * p; ++i) *squares += *at(m, i) * *at(m, i);
    return trace;
  }

  void sum_residuals() const {
    Vector squares{}, weighted{};
    for (int i = 0; i < t.n; ++i) {
      Vector r = *at(t.y, i);
      const double* x = t.design + long(i) * p;
      for (int j = 0; j < p; ++j) r -= x[j] * *at(out.beta, j);
      const Vector wr = *at(out.weights, i) * r;
      squares += wr * r;
      weighted += wr * wr;
    }
    *at(out.weighted_squares, 0) = squares;
    *at(out.y_ppy, 0) = weighted;
  }

  void evaluate(Vector tau2) const {
    Vector sums[2], b_squares, c_squares;
    if (t.is_mean)
      sum_products_of_mean(tau2, sums);
    else
      sum_products(tau2, sums);
    factor();
    solve();
    const Vector half_b = whiten(out.b, &b_squares), half_c = whiten(out.c, &c_squares);
    *at(out.trace_p, 0) = sums[0] - half_b;
    *at(out.trace_pp, 0) = sums[1] - 2.0 * half_c + b_squares;
    sum_residuals();
  }
};

}  // namespace

void SOCIOMETER_KERNEL(evaluate_mixed)(const MixedTile& tile, const double* tau2,
                                       const MixedPoint& point);
void SOCIOMETER_KERNEL(evaluate_mixed)(const MixedTile& tile, const double* tau2,
                                       const MixedPoint& point) {
  for (int lane = 0; lane < kMixedLanes; lane += kLanes) {
    MixedTile t = tile;
    const double** const given[] = {&t.y, &t.v, &t.present};
    for (const double** rows : given) *rows += lane;
    MixedPoint out = point;
    double** const all[] = {&out.a,        &out.b,
                            &out.c,        &out.beta,
                            &out.weights,  &out.trace_p,
                            &out.trace_pp, &out.weighted_squares,
                            &out.y_ppy,    &out.smallest_pivot};
    for (double** rows : all) *rows += lane;
    Voxels{t, out, tile.p}.evaluate(*at(tau2 + lane, 0));
  }
}

}  // namespace sociometer::shuffle_kernels
