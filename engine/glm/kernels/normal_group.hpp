#pragma once
// For sources that are compiled once per instruction set: the normal equations of a group of
// voxels.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

constexpr int kVectors = kGroupWidth / kLanes;  ///< of one entry of a group
constexpr int kRowBlock = 4;
static_assert(kGroupWidth % kLanes == 0);

constexpr int padded(int n) { return (n + kRowBlock - 1) / kRowBlock * kRowBlock; }
/// Number of entries of a lower triangle before row i.
constexpr long triangle(long i) { return i * (i + 1) / 2; }

/// The lower triangle of a group's normal matrix, followed by the right-hand sides as further rows.
/// An entry is kGroupWidth doubles. The factor replaces the matrix; the diagonal holds
/// the reciprocals. Rows are padded to kRowBlock by rows of the identity.
struct Group {
  int n, n_padded;
  double* entries;
  double* row(int i) const {
    const long at = i < n_padded ? triangle(i) : triangle(n_padded) + long(i - n_padded) * n_padded;
    return entries + at * kGroupWidth;
  }
  double* right(int k) const { return row(n_padded + k); }
};

/// Columns [0, n_columns) of four rows, replaced by those of L. Two columns at a time: enough
/// independent sums to keep the multipliers busy, and rows are loaded for both.
void eliminate(const Group& g, double* const rows[kRowBlock], int n_columns) {
  static_assert(kRowBlock % 2 == 0, "columns come in pairs");
  for (int j = 0; j < n_columns; j += 2) {
    const double *one = g.row(j), *other = g.row(j + 1);
    for (int v = 0; v < kVectors; ++v) {
      const auto at = [v](double* row, int k) -> Vector* {
        return as_vectors(row + long(k) * kGroupWidth) + v;
      };
      const auto of = [v](const double* row, int k) {
        return as_vectors(row + long(k) * kGroupWidth)[v];
      };
      Vector s[kRowBlock], t[kRowBlock];
      for (int r = 0; r < kRowBlock; ++r) s[r] = *at(rows[r], j), t[r] = *at(rows[r], j + 1);
      for (int k = 0; k < j; ++k)
        for (int r = 0; r < kRowBlock; ++r) {
          s[r] -= *at(rows[r], k) * of(one, k);
          t[r] -= *at(rows[r], k) * of(other, k);
        }
      for (int r = 0; r < kRowBlock; ++r) {
        *at(rows[r], j) = s[r] * of(one, j);
        *at(rows[r], j + 1) = (t[r] - *at(rows[r], j) * of(other, j)) * of(other, j + 1);
      }
    }
  }
}

/// The triangle of four rows on the diagonal.
void eliminate_diagonal(double* const rows[kRowBlock], int first) {
  for (int v = 0; v < kVectors; ++v) {
    Vector s[kRowBlock][kRowBlock];
    for (int r = 0; r < kRowBlock; ++r)
      for (int c = 0; c <= r; ++c) s[r][c] = as_vectors(rows[r] + long(first + c) * kGroupWidth)[v];
    for (int k = 0; k < first; ++k) {
      Vector l[kRowBlock];
      for (int r = 0; r < kRowBlock; ++r) l[r] = as_vectors(rows[r] + long(k) * kGroupWidth)[v];
      for (int r = 0; r < kRowBlock; ++r)
        for (int c = 0; c <= r; ++c) s[r][c] -= l[r] * l[c];
    }
    for (int c = 0; c < kRowBlock; ++c) {
      // A pivot that is not positive becomes NaN, as does everything after it.
      const Vector reciprocal = 1.0 / square_root(s[c][c]);
      for (int r = c + 1; r < kRowBlock; ++r) {
        s[r][c] *= reciprocal;
        for (int k = c + 1; k <= r; ++k) s[r][k] -= s[r][c] * s[k][c];
      }
      s[c][c] = reciprocal;
    }
    for (int r = 0; r < kRowBlock; ++r)
      for (int c = 0; c <= r; ++c) as_vectors(rows[r] + long(first + c) * kGroupWidth)[v] = s[r][c];
  }
}

void factor(const Group& g, int n_right) {
  for (int i = 0; i < g.n_padded + padded(n_right); i += kRowBlock) {
    double* const rows[kRowBlock] = {g.row(i), g.row(i + 1), g.row(i + 2), g.row(i + 3)};
    eliminate(g, rows, i < g.n_padded ? i : g.n_padded);
    if (i < g.n_padded) eliminate_diagonal(rows, i);
  }
}

void form_matrix(const NormalSystem& s, const double* coefficients, const Group& g) {
  const long n_entries = triangle(g.n);
  for (int v = 0; v < kVectors; ++v)
    for (long e = 0; e < n_entries; ++e) {
      const double* terms = s.matrices + e * s.n_terms;
      Vector sum = terms[0] * as_vectors(coefficients)[v];
      for (int t = 1; t < s.n_terms; ++t)
        sum += terms[t] * as_vectors(coefficients + long(t) * kTileWidth)[v];
      as_vectors(g.entries + e * kGroupWidth)[v] = sum;
    }
  for (int i = g.n; i < g.n_padded; ++i)
    for (int j = 0; j <= i; ++j)
      for (int l = 0; l < kGroupWidth; ++l) g.row(i)[long(j) * kGroupWidth + l] = i == j;
}

/// Moments of a group's series besides the sums with the columns.
struct Moments {
  Vector squares[kVectors];           ///< y'Wy
  Vector on_constant[kVectors];       ///< 1'Wy
  Vector constant_squares[kVectors];  ///< 1'W1
};

constexpr int kMaxOrder = 8;

/// W applied to the ends of the series: their corners of the precision matrix.
struct Ends {
  Vector head[kMaxOrder], tail[kMaxOrder];
};

Ends weigh_ends(const NormalSystem& s, const TileRows& at, const double* sums,
                const double* coefficients, int v) {
  Ends ends{};
  int term = s.order + 1;
  for (int j = 0; j < s.order; ++j)
    for (int i = 0; i <= j; ++i, ++term) {
      const Vector c = as_vectors(coefficients + long(term) * kTileWidth)[v];
      const auto head = [&](int k) {
        return as_vectors(sums + long(at.head_at + k) * kTileWidth)[v];
      };
      const auto tail = [&](int k) {
        return as_vectors(sums + long(at.recent_at + s.order - 1 - k) * kTileWidth)[v];
      };
      ends.tail[i] += c * tail(j);
      if (i != j) ends.tail[j] += c * tail(i);
      if (!s.head_corner) continue;
      ends.head[i] += c * head(j);
      if (i != j) ends.head[j] += c * head(i);
    }
  return ends;
}

/// Fills the first right-hand side with b = E'Wy of the first n_columns working columns and returns
/// the moments.
void form_right(const NormalSystem& s, const TileRows& at, int n_columns, const double* sums,
                const double* coefficients, double* right, double* b, Moments& m) {
  const int q = s.n_working;
  for (int v = 0; v < kVectors; ++v) {
    const Ends ends = weigh_ends(s, at, sums, coefficients, v);
    m.on_constant[v] = m.constant_squares[v] = m.squares[v] = Vector{};
    for (int c = 0; c < n_columns; ++c) {
      Vector sum{};
      for (int d = 0; d <= s.order; ++d)
        sum += as_vectors(coefficients + long(d) * kTileWidth)[v] *
               as_vectors(sums + (long(d) * q + c) * kTileWidth)[v];
      for (int i = 0; i < s.order; ++i)
        sum += s.tail[i * q + c] * ends.tail[i] + s.head[i * q + c] * ends.head[i];
      m.on_constant[v] += s.constant[c] * sum;
      as_vectors(b + long(c) * kGroupWidth)[v] = sum;
    }
    for (int d = 0; d <= s.order; ++d)
      m.squares[v] += (d == 0 ? 1.0 : 2.0) * as_vectors(coefficients + long(d) * kTileWidth)[v] *
                      as_vectors(sums + long(at.lags_at + d) * kTileWidth)[v];
    for (int i = 0; i < s.order; ++i)
      m.squares[v] +=
          as_vectors(sums + long(at.recent_at + s.order - 1 - i) * kTileWidth)[v] * ends.tail[i] +
          as_vectors(sums + long(at.head_at + i) * kTileWidth)[v] * ends.head[i];
    for (int t = 0; t < s.n_terms; ++t)
      m.constant_squares[v] +=
          s.constant_squares[t] * as_vectors(coefficients + long(t) * kTileWidth)[v];
    for (int j = 0; j < s.n; ++j)
      as_vectors(right + long(j) * kGroupWidth)[v] =
          as_vectors(b + long(s.working_of[j]) * kGroupWidth)[v];
  }
}

/// W times the constant, on the fitted columns.
void form_constant(const NormalSystem& s, const double* coefficients, double* right) {
  for (int v = 0; v < kVectors; ++v)
    for (int j = 0; j < s.n; ++j) {
      Vector sum{};
      for (int t = 0; t < s.n_terms; ++t)
        sum += s.constant_terms[long(j) * s.n_terms + t] *
               as_vectors(coefficients + long(t) * kTileWidth)[v];
      as_vectors(right + long(j) * kGroupWidth)[v] = sum;
    }
}

void clear_from(double* row, int n, int n_padded) {
  for (long i = long(n) * kGroupWidth; i < long(n_padded) * kGroupWidth; ++i) row[i] = 0;
}

}  // namespace
}  // namespace sociometer::kernels
