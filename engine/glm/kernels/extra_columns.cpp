// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/normal_group.hpp"

namespace sociometer::kernels {
namespace {

/// S'W x of each extra, as right-hand sides.
void form_extras(const NormalSystem& s, const ExtraSystem& x, const double* coefficients,
                 const Group& g, int first) {
  for (int k = 0; k < x.n_extras; ++k)
    for (int v = 0; v < kVectors; ++v) {
      const double* terms = x.matrices + long(k) * s.n * s.n_terms;
      for (int j = 0; j < s.n; ++j, terms += s.n_terms) {
        Vector sum = terms[0] * as_vectors(coefficients)[v];
        for (int t = 1; t < x.n_terms_of[k]; ++t)
          sum += terms[t] * as_vectors(coefficients + long(t) * kTileWidth)[v];
        as_vectors(g.right(first + k) + long(j) * kGroupWidth)[v] = sum;
      }
    }
}

/// Sum over terms, of one vector of voxels.
Vector weighted_terms(const NormalSystem& s, const double* terms, const double* coefficients,
                      int v) {
  Vector sum{};
  for (int t = 0; t < s.n_terms; ++t)
    sum += terms[t] * as_vectors(coefficients + long(t) * kTileWidth)[v];
  return sum;
}

Vector product_of_rows(const double* one, const double* other, int n, int v) {
  Vector sum{};
  for (int j = 0; j < n; ++j)
    sum +=
        as_vectors(one + long(j) * kGroupWidth)[v] * as_vectors(other + long(j) * kGroupWidth)[v];
  return sum;
}

/// Products of the right-hand sides once they are L^-1 b, L^-1 rows' and L^-1 S'W x.
void finish_extras(const NormalSystem& s, const ExtraSystem& x, const double* coefficients,
                   const Group& g, int rows_at, const double* working, const double* shift,
                   const ExtraSolution& out, int lane) {
  const int extras_at = rows_at + x.n_rows;
  for (int v = 0; v < kVectors; ++v) {
    const auto to = [&](double* rows, int k) -> Vector* {
      return as_vectors(rows + long(k) * kTileWidth + lane) + v;
    };
    const Vector by = as_vectors(shift)[v];
    for (int k = 0; k < x.n_extras; ++k) {
      Vector sum = as_vectors(working + long(x.first_working + k) * kGroupWidth)[v];
      if (!s.has_constant)
        sum += by * weighted_terms(s, x.constant_terms + long(k) * s.n_terms, coefficients, v);
      *to(out.on_residual, k) = sum - product_of_rows(g.right(extras_at + k), g.right(0), s.n, v);
    }
    for (int p = 0; p < x.n_pairs; ++p)
      *to(out.own, p) = weighted_terms(s, x.own_terms + long(p) * s.n_terms, coefficients, v) -
                        product_of_rows(g.right(extras_at + x.pairs[2 * p]),
                                        g.right(extras_at + x.pairs[2 * p + 1]), s.n, v);
    for (int c = 0; c < x.n_crosses; ++c)
      *to(out.crosses, c) = product_of_rows(g.right(rows_at + x.crosses[2 * c]),
                                            g.right(extras_at + x.crosses[2 * c + 1]), s.n, v);
    for (int i = 0, p = 0; out.row_pairs && i < x.n_rows; ++i)
      for (int j = 0; j <= i; ++j, ++p)
        *to(out.row_pairs, p) = product_of_rows(g.right(rows_at + i), g.right(rows_at + j), s.n, v);
  }
}

void solve_extras_group(const NormalSystem& s, const ExtraSystem& x, const TileRows& rows,
                        const double* sums, const double* coefficients, double* work,
                        const ExtraSolution& out, int lane) {
  Group g{s.n, padded(s.n), work};
  const int rows_at = s.has_constant ? 1 : 2, n_right = rows_at + x.n_rows + x.n_extras;
  for (int k = 0; k < padded(n_right); ++k)
    clear_from(g.right(k), k < n_right ? s.n : 0, g.n_padded);
  Moments moments;
  double *b = g.right(0), *working = g.right(padded(n_right));
  form_right(s, rows, s.n_working, sums + lane, coefficients + lane, b, working, moments);
  const double* shift = sums + long(rows.shift_at) * kTileWidth + lane;
  if (!s.has_constant) {
    form_constant(s, coefficients + lane, g.right(1));
    for (int v = 0; v < kVectors; ++v)
      for (int j = 0; j < s.n; ++j)
        as_vectors(b + long(j) * kGroupWidth)[v] +=
            as_vectors(shift)[v] * as_vectors(g.right(1) + long(j) * kGroupWidth)[v];
  }
  for (int r = 0; r < x.n_rows; ++r)
    for (int j = 0; j < s.n; ++j)
      for (int l = 0; l < kGroupWidth; ++l)
        g.right(rows_at + r)[long(j) * kGroupWidth + l] = x.rows[long(r) * s.n + j];
  form_extras(s, x, coefficients + lane, g, rows_at + x.n_rows);
  form_matrix(s, coefficients + lane, g);
  factor(g, n_right);
  finish_extras(s, x, coefficients + lane, g, rows_at, working, shift, out, lane);
}

}  // namespace

void SOCIOMETER_KERNEL(solve_extras)(const NormalSystem& system, const ExtraSystem& extras,
                                     const TileRows& rows, const double* sums,
                                     const double* coefficients, double* work,
                                     const ExtraSolution& out);
void SOCIOMETER_KERNEL(solve_extras)(const NormalSystem& system, const ExtraSystem& extras,
                                     const TileRows& rows, const double* sums,
                                     const double* coefficients, double* work,
                                     const ExtraSolution& out) {
  for (int lane = 0; lane < kTileWidth; lane += kGroupWidth)
    solve_extras_group(system, extras, rows, sums, coefficients, work, out, lane);
}

}  // namespace sociometer::kernels
