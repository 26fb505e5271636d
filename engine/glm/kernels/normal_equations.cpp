// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

constexpr int kVectors = kGroupWidth / kLanes;  ///< of one entry of a group
constexpr int kRowBlock = 4;
static_assert(kGroupWidth % kLanes == 0);

constexpr int padded(int n) { return (n + kRowBlock - 1) / kRowBlock * kRowBlock; }
/// Number of entries of a lower triangle before row i.
constexpr long triangle(long i) { return i * (i + 1) / 2; }

Vector square_root(Vector x) {
  for (int l = 0; l < kLanes; ++l) x[l] = __builtin_sqrt(x[l]);
  return x;
}

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
      const auto at = [v](double* row, int k) -> Vector& {
        return as_vectors(row + long(k) * kGroupWidth)[v];
      };
      const auto of = [v](const double* row, int k) {
        return as_vectors(row + long(k) * kGroupWidth)[v];
      };
      Vector s[kRowBlock], t[kRowBlock];
      for (int r = 0; r < kRowBlock; ++r) s[r] = at(rows[r], j), t[r] = at(rows[r], j + 1);
      for (int k = 0; k < j; ++k)
        for (int r = 0; r < kRowBlock; ++r) {
          s[r] -= at(rows[r], k) * of(one, k);
          t[r] -= at(rows[r], k) * of(other, k);
        }
      for (int r = 0; r < kRowBlock; ++r) {
        at(rows[r], j) = s[r] * of(one, j);
        at(rows[r], j + 1) = (t[r] - at(rows[r], j) * of(other, j)) * of(other, j + 1);
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

/// out = L'^-1 right, (n, kGroupWidth), rows kTileWidth apart; `right` is overwritten.
void substitute_back(const Group& g, double* right, double* out) {
  for (int j = g.n - 1; j >= 0; --j) {
    const double* row = g.row(j);
    for (int v = 0; v < kVectors; ++v) {
      const Vector x =
          as_vectors(right + long(j) * kGroupWidth)[v] * as_vectors(row + long(j) * kGroupWidth)[v];
      as_vectors(out + long(j) * kTileWidth)[v] = x;
      for (int k = 0; k < j; ++k)
        as_vectors(right + long(k) * kGroupWidth)[v] -=
            as_vectors(row + long(k) * kGroupWidth)[v] * x;
    }
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

/// Fills the first right-hand side with b = E'Wy and returns the moments.
void form_right(const NormalSystem& s, const TileRows& at, const double* sums,
                const double* coefficients, double* right, double* b, Moments& m) {
  const int q = s.n_working;
  for (int v = 0; v < kVectors; ++v) {
    const Ends ends = weigh_ends(s, at, sums, coefficients, v);
    m.on_constant[v] = m.constant_squares[v] = m.squares[v] = Vector{};
    for (int c = 0; c < q; ++c) {
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

/// Residual and total squares once the right-hand sides are L^-1 b and L^-1 W1; adds the part of
/// the shift that a design without a constant leaves in the series.
void finish_squares(const NormalSystem& s, const Moments& m, double* b, const double* constant,
                    const double* shift, double* residual, double* total) {
  for (int v = 0; v < kVectors; ++v) {
    const auto at = [v](const double* row, int j) {
      return as_vectors(row + long(j) * kGroupWidth)[v];
    };
    Vector on = m.on_constant[v], own = m.constant_squares[v], squares = m.squares[v];
    Vector left = squares;
    // The indicators account for their part of series and constant before the test for a constant.
    for (int j = 0; j < s.n_spikes; ++j) {
      left -= at(b, j) * at(b, j);
      on -= at(b, j) * at(constant, j);
      own -= at(constant, j) * at(constant, j);
    }
    as_vectors(total)[v] = left - on * on / own;
    if (!s.has_constant) {
      const Vector by = as_vectors(shift)[v];
      squares += 2 * by * m.on_constant[v] + by * by * m.constant_squares[v];
      for (int j = 0; j < s.n; ++j)
        as_vectors(b + long(j) * kGroupWidth)[v] += by * at(constant, j);
    }
    for (int j = 0; j < s.n; ++j) squares -= at(b, j) * at(b, j);
    as_vectors(residual)[v] = squares;
  }
}

void fill_contrasts(const NormalSystem& s, const Group& g, int first) {
  for (int c = 0; c < s.n_contrasts; ++c) {
    double* row = g.right(first + c);
    for (int j = 0; j < s.n; ++j)
      for (int l = 0; l < kGroupWidth; ++l)
        row[long(j) * kGroupWidth + l] = s.contrasts[long(c) * s.n + j];
  }
}

void contrast_covariances(const NormalSystem& s, const Group& g, int first, double* out) {
  for (int p = 0; p < s.n_pairs; ++p) {
    const double *one = g.right(first + s.pairs[2 * p]),
                 *other = g.right(first + s.pairs[2 * p + 1]);
    for (int v = 0; v < kVectors; ++v) {
      Vector sum{};
      for (int j = 0; j < s.n; ++j)
        sum += as_vectors(one + long(j) * kGroupWidth)[v] *
               as_vectors(other + long(j) * kGroupWidth)[v];
      as_vectors(out + long(p) * kTileWidth)[v] = sum;
    }
  }
}

void solve_group(const NormalSystem& s, const TileRows& rows, const double* sums,
                 const double* coefficients, double* work, const TileSolution& out, int lane) {
  Group g{s.n, padded(s.n), work};
  const bool with_constant = s.n_spikes > 0 || !s.has_constant;
  const int n_series = sums ? 1 + with_constant : 0, n_right = n_series + s.n_contrasts;
  for (int k = 0; k < padded(n_right); ++k)
    clear_from(g.right(k), k < n_right ? s.n : 0, g.n_padded);
  Moments moments;
  if (sums) {
    double* b = g.right(padded(n_right));  // space for the working columns follows
    form_right(s, rows, sums + lane, coefficients + lane, g.right(0), b, moments);
    if (with_constant) form_constant(s, coefficients + lane, g.right(1));
  }
  fill_contrasts(s, g, n_series);
  if (!s.white) {
    form_matrix(s, coefficients + lane, g);
    factor(g, n_right);
  }
  contrast_covariances(s, g, n_series, out.contrast_covariance + lane);
  if (out.contrast_weights)
    for (int c = 0; c < s.n_contrasts; ++c)
      substitute_back(g, g.right(n_series + c),
                      out.contrast_weights + long(c) * s.n * kTileWidth + lane);
  if (!sums) return;
  finish_squares(s, moments, g.right(0), g.right(1), sums + long(rows.shift_at) * kTileWidth + lane,
                 out.residual_squares + lane, out.total_squares + lane);
  if (!s.white) return substitute_back(g, g.right(0), out.coordinates + lane);
  for (int j = 0; j < s.n; ++j)
    for (int l = 0; l < kGroupWidth; ++l)
      out.coordinates[long(j) * kTileWidth + lane + l] = g.right(0)[long(j) * kGroupWidth + l];
}

/// M = D - rho^2 (t t' + h h'), D diagonal, t and h the last and the first row of the columns: its
/// inverse is D^-1 - D^-1 [t h] C [t h]' D^-1 with C symmetric, 2 x 2 (Woodbury's identity).
struct DiagonalInverse {
  Vector tail_tail, tail_head, head_head;  ///< C
};

/// One vector of a diagonal system: n entries of D^-1 kGroupWidth apart, and C. All of C is NaN
/// unless M is positive definite, i.e. unless D and the 2 x 2 system are.
DiagonalInverse invert_diagonal(const NormalSystem& s, const double* coefficients,
                                double* inverse) {
  const auto coefficient = [&](int t) {
    return as_vectors(coefficients + long(t) * kTileWidth)[0];
  };
  const Vector corner = coefficient(2);
  Vector least = coefficient(0) + coefficient(1) * s.diagonal[0];
  Vector tt{}, th{}, hh{};
  for (int j = 0; j < s.n; ++j) {
    const Vector d = coefficient(0) + coefficient(1) * s.diagonal[j];
    const Vector i = 1.0 / d;
    as_vectors(inverse + long(j) * kGroupWidth)[0] = i;
    least = d < least ? d : least;
    tt += s.tail[j] * s.tail[j] * i;
    if (!s.head_corner) continue;
    th += s.tail[j] * s.head[j] * i;
    hh += s.head[j] * s.head[j] * i;
  }
  const Vector a = 1 + corner * tt, b = corner * th, c = 1 + corner * hh;
  const Vector determinant = a * c - b * b;
  // 0 where all three are positive.
  const Vector flaw = 0.0 * (1.0 / square_root(least)) + 0.0 * (1.0 / square_root(a)) +
                      0.0 * (1.0 / square_root(determinant));
  const Vector scale = corner / determinant + flaw;
  return {scale * c, -scale * b, scale * a};
}

void solve_diagonal_group(const NormalSystem& s, const TileRows& rows, const double* sums,
                          const double* coefficients, double* work, const TileSolution& out,
                          int lane) {
  const long n_rows = long(s.n) * kGroupWidth;
  double *inverse = work, *b = inverse + n_rows, *constant = b + n_rows, *ends = constant + n_rows,
         *working = ends + 2L * s.n_contrasts * kGroupWidth;
  Moments moments;
  if (sums) {
    form_right(s, rows, sums + lane, coefficients + lane, b, working, moments);
    if (!s.has_constant) form_constant(s, coefficients + lane, constant);
  }
  for (int v = 0; v < kVectors; ++v) {
    const auto at = [v](const double* row, int j) {
      return as_vectors(row + long(j) * kGroupWidth)[v];
    };
    const int first = lane + v * kLanes;
    const DiagonalInverse c = invert_diagonal(s, coefficients + first, inverse + v * kLanes);
    for (int k = 0; k < s.n_contrasts; ++k) {
      const double* weights = s.contrasts + long(k) * s.n;
      Vector on_tail{}, on_head{};
      for (int j = 0; j < s.n; ++j) {
        const Vector own = weights[j] * at(inverse, j);
        on_tail += s.tail[j] * own;
        if (s.head_corner) on_head += s.head[j] * own;
      }
      as_vectors(ends + 2L * k * kGroupWidth)[v] = on_tail;
      as_vectors(ends + (2L * k + 1) * kGroupWidth)[v] = on_head;
    }
    for (int p = 0; p < s.n_pairs; ++p) {
      const int k = s.pairs[2 * p], m = s.pairs[2 * p + 1];
      const double *one = s.contrasts + long(k) * s.n, *other = s.contrasts + long(m) * s.n;
      Vector sum{};
      for (int j = 0; j < s.n; ++j) sum += one[j] * other[j] * at(inverse, j);
      const Vector tail = at(ends, 2 * k), head = at(ends, 2 * k + 1);
      sum -= at(ends, 2 * m) * (c.tail_tail * tail + c.tail_head * head) +
             at(ends, 2 * m + 1) * (c.tail_head * tail + c.head_head * head);
      as_vectors(out.contrast_covariance + long(p) * kTileWidth + first)[0] = sum;
    }
    /// M^-1 applied to `right`, given its products with the end rows after D^-1.
    const auto solve = [&](Vector on_tail, Vector on_head, auto right, double* to) {
      const Vector tail = c.tail_tail * on_tail + c.tail_head * on_head,
                   head = c.tail_head * on_tail + c.head_head * on_head;
      for (int j = 0; j < s.n; ++j) {
        Vector rest = right(j) - s.tail[j] * tail;
        if (s.head_corner) rest -= s.head[j] * head;
        as_vectors(to + long(j) * kTileWidth + first)[0] = at(inverse, j) * rest;
      }
    };
    if (out.contrast_weights)
      for (int k = 0; k < s.n_contrasts; ++k)
        solve(
            at(ends, 2 * k), at(ends, 2 * k + 1),
            [&](int j) { return Vector{} + s.contrasts[long(k) * s.n + j]; },
            out.contrast_weights + long(k) * s.n * kTileWidth);
    if (!sums) continue;
    const Vector on = moments.on_constant[v], own = moments.constant_squares[v];
    Vector squares = moments.squares[v];
    as_vectors(out.total_squares + first)[0] = squares - on * on / own;
    if (!s.has_constant) {
      const Vector by = as_vectors(sums + long(rows.shift_at) * kTileWidth + first)[0];
      squares += 2 * by * on + by * by * own;
      for (int j = 0; j < s.n; ++j)
        as_vectors(b + long(j) * kGroupWidth)[v] += by * at(constant, j);
    }
    Vector on_tail{}, on_head{};
    for (int j = 0; j < s.n; ++j) {
      const Vector x = at(inverse, j) * at(b, j);
      on_tail += s.tail[j] * x;
      if (s.head_corner) on_head += s.head[j] * x;
    }
    solve(
        on_tail, on_head, [&](int j) { return at(b, j); }, out.coordinates);
    for (int j = 0; j < s.n; ++j)
      squares -= at(b, j) * as_vectors(out.coordinates + long(j) * kTileWidth + first)[0];
    as_vectors(out.residual_squares + first)[0] = squares;
  }
}

/// The rows of one end of the series, applied to a contrast's weights.
void ends_on_weights(const NormalSystem& s, const double* end, const double* weights,
                     Vector on[kMaxOrder]) {
  for (int i = 0; i < s.order; ++i) {
    on[i] = Vector{};
    for (int j = 0; j < s.n; ++j)
      on[i] +=
          end[i * s.n_working + s.working_of[j]] * as_vectors(weights + long(j) * kTileWidth)[0];
  }
}

/// One pair of contrasts, one vector of voxels.
void pair_forms(const NormalSystem& s, const double* one, const double* other, double* forms) {
  Vector sums[kMaxOrder + 1] = {};
  const double* terms = s.matrices;
  for (int i = 0; i < s.n; ++i) {
    const Vector a = as_vectors(one + long(i) * kTileWidth)[0],
                 b = as_vectors(other + long(i) * kTileWidth)[0];
    for (int j = 0; j <= i; ++j, terms += s.n_terms) {
      const Vector c = as_vectors(one + long(j) * kTileWidth)[0],
                   d = as_vectors(other + long(j) * kTileWidth)[0];
      const Vector both = i == j ? a * d : a * d + c * b;
      for (int t = 0; t <= s.order; ++t) sums[t] += terms[t] * both;
    }
  }
  for (int t = 0; t <= s.order; ++t) as_vectors(forms + long(t) * kTileWidth)[0] = sums[t];
  Vector first[2][kMaxOrder], last[2][kMaxOrder];
  ends_on_weights(s, s.head, one, first[0]);
  ends_on_weights(s, s.head, other, first[1]);
  ends_on_weights(s, s.tail, one, last[0]);
  ends_on_weights(s, s.tail, other, last[1]);
  int term = s.order + 1;
  for (int j = 0; j < s.order; ++j)
    for (int i = 0; i <= j; ++i, ++term) {
      Vector sum = last[0][i] * last[1][j];
      if (i != j) sum += last[0][j] * last[1][i];
      if (s.head_corner) {
        sum += first[0][i] * first[1][j];
        if (i != j) sum += first[0][j] * first[1][i];
      }
      as_vectors(forms + long(term) * kTileWidth)[0] = sum;
    }
}

}  // namespace

void SOCIOMETER_KERNEL(contrast_forms)(const NormalSystem& system, const double* weights,
                                       double* forms);
void SOCIOMETER_KERNEL(contrast_forms)(const NormalSystem& system, const double* weights,
                                       double* forms) {
  const long rows = long(system.n) * kTileWidth;
  for (int p = 0; p < system.n_pairs; ++p)
    for (int lane = 0; lane < kTileWidth; lane += kLanes)
      pair_forms(system, weights + system.pairs[2 * p] * rows + lane,
                 weights + system.pairs[2 * p + 1] * rows + lane,
                 forms + long(p) * system.n_terms * kTileWidth + lane);
}

void SOCIOMETER_KERNEL(solve_tile)(const NormalSystem& system, const TileRows& rows,
                                   const double* sums, const double* coefficients, double* work,
                                   const TileSolution& out);
void SOCIOMETER_KERNEL(solve_tile)(const NormalSystem& system, const TileRows& rows,
                                   const double* sums, const double* coefficients, double* work,
                                   const TileSolution& out) {
  for (int lane = 0; lane < kTileWidth; lane += kGroupWidth)
    (system.diagonal ? solve_diagonal_group : solve_group)(system, rows, sums, coefficients, work,
                                                           out, lane);
}

}  // namespace sociometer::kernels
