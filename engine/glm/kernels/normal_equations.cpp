// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/normal_group.hpp"

namespace sociometer::kernels {
namespace {

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
    form_right(s, rows, s.n_modelled, sums + lane, coefficients + lane, g.right(0), b, moments);
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
    form_right(s, rows, s.n_modelled, sums + lane, coefficients + lane, b, working, moments);
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
