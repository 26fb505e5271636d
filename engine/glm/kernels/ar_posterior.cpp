// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/ar_polynomial.hpp"
#include "engine/glm/kernels/elementary.hpp"

namespace sociometer::kernels {
namespace {

constexpr int kColumnBlock = 4;
/// Blocks of columns whose eigenvalues are multiplied before the product's exponent is taken out:
/// the product stays far from the limits of a double.
constexpr int kBlocksTogether = 4;
/// Points of which the density is computed together: enough independent sums to keep the
/// multipliers busy, and not more than there are registers for.
constexpr int kTogether = 2;
static_assert(kMaxPosteriorNodes % kTogether == 0);

/// The product becomes its mantissa, in [1, 2); its exponent is added to `exponent`.
void take_exponent(Vector* product, Vector* exponent) {
  const Bits bits = (Bits)*product;
  *exponent += (Vector)(((bits >> kExponentShift) - 1023) + (Bits)all(kRounder)) - kRounder;
  *product = (Vector)((bits & kMantissa) | kExponentOfOne);
}

/// A process of order P from its coordinates eta_k = artanh pi_k, pi the partial autocorrelations.
template <int P>
struct Process : ArPolynomial<P> {
  /// Product of (1 - pi_k^2)^-(k + 1), k = 1 .. P: the covariance's determinant by (..)^-k, and the
  /// uniform prior of pi as one of eta. Its logarithm is log_part + ln(product_part).
  Vector log_part, product_part;

  /// @param t  exp(-2 |eta|).
  void set(const Vector* eta, const Vector* t) {
    Vector partial[P], rest = all(1);
    log_part = Vector{};
    product_part = all(1);
    for (int k = P - 1; k >= 0; --k) {
      const Vector one = 1.0 + t[k], size = (1.0 - t[k]) / one;
      partial[k] = eta[k] < 0 ? -size : size;
      // 1 - pi^2 = 4 t / (1 + t)^2. 1 + t_k is in k + 1 of the products `rest`.
      log_part += double(2 * (k + 2)) * (eta[k] < 0 ? -eta[k] : eta[k]);
      rest *= one;
      product_part *= k == 0 ? rest * rest : rest;
    }
    product_part *= product_part;
    constexpr int kPowers = P * (P + 3) / 2;
    log_part -= kPowers * 2 * kLn2;
    this->set_coefficients(partial);
  }
};

/// sum of s / o, over columns, as a fraction.
struct Fraction {
  Vector above, below;
  Fraction plus(const Fraction& other) const {
    return {above * other.below + other.above * below, below * other.below};
  }
};

/// What the likelihood of a vector of voxels depends on.
template <int P>
struct Voxels {
  const PosteriorSystem& s;
  const double* on_columns;  ///< (P, n_columns, kTileWidth) from lag 1 on
  Vector lags[P + 1], head[P], tail[P];

  /// e'We of the residuals.
  Vector squares_of(const Process<P>& p) const {
    Vector squares = p.w[0] * lags[0];
    for (int d = 1; d <= P; ++d) squares += 2.0 * p.w[d] * lags[d];
    for (int m = 1; m <= P; ++m) {  // the corners of the inverse covariance
      Vector first{}, last{};
      for (int i = 0; i + m <= P; ++i) {
        first += p.a[m + i] * head[i];
        last += p.a[m + i] * tail[i];
      }
      squares -= first * first + last * last;
    }
    return squares;
  }

  /// What a column explains: (its product with the residuals)^2 over its own square.
  Fraction explained(const Process<P>& p, int c) const {
    const double* diagonal = s.diagonal + long(c) * P;
    Vector own = p.w[0], on{};
    for (int d = 0; d < P; ++d) {
      own += diagonal[d] * p.w[d + 1];
      on += p.w[d + 1] * as_vectors(on_columns + (long(d) * s.n_columns + c) * kTileWidth)[0];
    }
    return {on * on, own};
  }

  /// -2 ln of the posterior density at N points, less a constant.
  template <int N>
  void minus_two_log_posterior(const Vector (*eta)[P], Vector* values) const {
    struct Sums {
      Process<P> process;
      Vector squares, product, exponent;
      void start(const Voxels& voxels, const Vector* at, const Vector* t) {
        process.set(at, t);
        squares = voxels.squares_of(process);
        product = process.product_part;
        exponent = Vector{};
      }
      void add(const Fraction& f) {
        squares -= f.above / f.below;
        product *= f.below;
      }
    };
    Vector twice[N * P], t[N * P];
    for (int i = 0; i < N; ++i)
      for (int k = 0; k < P; ++k)
        twice[i * P + k] = -2.0 * (eta[i][k] < 0 ? -eta[i][k] : eta[i][k]);
    exponentials<N * P>(twice, t);
    Sums sums[N];
    for (int i = 0; i < N; ++i) sums[i].start(*this, eta[i], t + i * P);
    int c = 0, blocks = 0;
    for (; c + kColumnBlock <= s.n_columns; c += kColumnBlock) {
      for (Sums& sum : sums) {
        const Process<P>& p = sum.process;
        sum.add(explained(p, c)
                    .plus(explained(p, c + 1))
                    .plus(explained(p, c + 2).plus(explained(p, c + 3))));
      }
      if (++blocks % kBlocksTogether == 0)
        for (Sums& sum : sums) take_exponent(&sum.product, &sum.exponent);
    }
    for (; c < s.n_columns; ++c)
      for (Sums& sum : sums) sum.add(explained(sum.process, c));
    // Columns are treated as independent, which can explain more than the total.
    const Vector floor = 1e-9 * lags[0];
    Vector numbers[2 * N], logs[2 * N];
    for (int i = 0; i < N; ++i) {
      numbers[2 * i] = largest(sums[i].squares, floor);
      numbers[2 * i + 1] = sums[i].product;
    }
    logarithms<2 * N>(numbers, logs);
    for (int i = 0; i < N; ++i) {
      const Vector value = s.dof * logs[2 * i] + logs[2 * i + 1] + sums[i].process.log_part +
                           sums[i].exponent * kLn2;
      values[i] = sums[i].squares > floor ? value : all(1e30);
    }
  }
  Vector minus_two_log_posterior_at(const Vector (*eta)[P]) const {
    Vector value;
    minus_two_log_posterior<1>(eta, &value);
    return value;
  }
  /// The same at n points, a multiple of kTogether.
  void at_points(const Vector (*eta)[P], int n, Vector* values) const {
    for (int i = 0; i < n; i += kTogether) minus_two_log_posterior<kTogether>(eta + i, values + i);
  }
};

/// Current estimates of the mean and covariance of eta.
template <int P>
struct Moments {
  Vector mean[P], covariance[P][P];  ///< lower triangle
  /// L of L L' = covariance.
  void factor(Vector l[P][P]) const {
    for (int i = 0; i < P; ++i)
      for (int j = 0; j <= i; ++j) {
        Vector sum = covariance[i][j];
        for (int k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        l[i][j] = i == j ? square_root(largest(sum, all(1e-12))) : sum / l[j][j];
      }
  }
};

/// The Yule-Walker estimate from sums that are not divided by their number of pairs, with a
/// covariance somewhat wider than the large-sample one.
template <int P>
Moments<P> first_guess(const Voxels<P>& voxels) {
  Moments<P> m{};
  Vector phi[P], error = voxels.lags[0];
  for (int k = 0; k < P; ++k) {
    Vector partial = voxels.lags[k + 1], next[P];
    for (int i = 0; i < k; ++i) partial -= phi[i] * voxels.lags[k - i];
    partial = largest(all(-0.99), least(all(0.99), partial / error));
    for (int i = 0; i < k; ++i) next[i] = phi[i] - partial * phi[k - 1 - i];
    for (int i = 0; i < k; ++i) phi[i] = next[i];
    phi[k] = partial;
    error *= 1.0 - partial * partial;
    m.mean[k] = 0.5 * logarithm((1.0 + partial) / (1.0 - partial));
    m.covariance[k][k] = all(1.5 / voxels.s.dof);
  }
  return m;
}

/// Moves toward the mode, all coordinates at once, by parabolas through points on both sides; their
/// curvature there gives the variances.
template <int P>
void approach_mode(const Voxels<P>& voxels, Moments<P>& m) {
  constexpr int kSteps = 3;
  constexpr double kFarthest = 2.5, kDamping = 0.75, kLeastCurvature = 0.6, kWider = 3;
  Vector width[P];
  for (int k = 0; k < P; ++k) width[k] = square_root(m.covariance[k][k]);
  for (int step = 0; step < kSteps; ++step) {
    const Vector here = voxels.minus_two_log_posterior_at(&m.mean);
    Vector moved[P];
    for (int k = 0; k < P; ++k) {
      Vector there[2][P], values[2];
      for (int i = 0; i < P; ++i) there[0][i] = there[1][i] = m.mean[i];
      there[0][k] += width[k];
      there[1][k] -= width[k];
      voxels.at_points(there, 2, values);
      const Vector above = values[0], below = values[1];
      const Vector slope = 0.5 * (above - below),  // in units of the width
          curvature = largest(above - 2.0 * here + below, all(kLeastCurvature));
      const Vector far = largest(all(-kFarthest), least(all(kFarthest), -slope / curvature));
      moved[k] = m.mean[k] + kDamping * far * width[k];
      if (step == kSteps - 1) m.covariance[k][k] = kWider / curvature * width[k] * width[k];
    }
    for (int k = 0; k < P; ++k) m.mean[k] = moved[k];
  }
}

/// How much wider than the normal the posterior is on each side of its mode, along each
/// coordinate.
template <int P>
void set_sides(const Voxels<P>& voxels, const Moments<P>& m, Vector above[P], Vector below[P]) {
  constexpr double kAt = 1.5, kScale = 1.22, kNarrowest = 0.5, kWidest = 3, kFlat = 0.3;
  const Vector here = voxels.minus_two_log_posterior_at(&m.mean);
  for (int k = 0; k < P; ++k) {
    Vector there[2][P], values[2];
    for (int i = 0; i < P; ++i) there[0][i] = there[1][i] = m.mean[i];
    const Vector away = kAt * square_root(m.covariance[k][k]);
    there[0][k] += away;
    there[1][k] -= away;
    voxels.at_points(there, 2, values);
    for (int side = 0; side < 2; ++side) {
      const Vector rise = values[side] - here;
      const Vector factor = kAt * kScale / square_root(largest(rise, all(kFlat)));
      (side == 0 ? above : below)[k] =
          rise > all(kFlat) ? least(all(kWidest), largest(all(kNarrowest), factor)) : all(kWidest);
    }
  }
}

/// Where nodes are placed.
template <int P>
struct Placement {
  const PosteriorSystem& s;
  const Moments<P>& m;
  const Vector *above, *below;  ///< how far the nodes are stretched on each side; null: not
  Vector l[P][P], log_above[P], log_below[P];

  Placement(const PosteriorSystem& system, const Moments<P>& moments, const Vector* far_above,
            const Vector* far_below)
      : s(system), m(moments), above(far_above), below(far_below) {
    m.factor(l);
    for (int k = 0; above && k < P; ++k) {
      log_above[k] = logarithm(above[k]);
      log_below[k] = logarithm(below[k]);
    }
  }

  /// A node before it is given the covariance.
  void node(int index, Vector* z) const {
    for (int k = 0; k < P; ++k) {
      const double at = s.nodes[long(index) * P + k];
      z[k] = above ? at * (at > 0 ? above : below)[k] : all(at);
    }
  }
  void place(int index, Vector* eta) const {
    Vector z[P];
    node(index, z);
    for (int i = 0; i < P; ++i) {
      eta[i] = m.mean[i];
      for (int k = 0; k <= i; ++k) eta[i] += l[i][k] * z[k];
    }
  }
  /// Moments of eta from those of z.
  void transform(const Moments<P>& z, Moments<P>& eta) const {
    for (int i = 0; i < P; ++i) {
      eta.mean[i] = m.mean[i];
      for (int k = 0; k <= i; ++k) eta.mean[i] += l[i][k] * z.mean[k];
      Vector half[P] = {};  // row i of L times the covariance of z
      for (int j = 0; j < P; ++j)
        for (int k = 0; k <= i; ++k)
          half[j] += l[i][k] * z.covariance[j > k ? j : k][j > k ? k : j];
      for (int j = 0; j <= i; ++j) {
        eta.covariance[i][j] = half[0] * l[j][0];
        for (int k = 1; k <= j; ++k) eta.covariance[i][j] += half[k] * l[j][k];
      }
    }
  }
  /// ln of the density of nodes there.
  Vector log_density(int node) const {
    Vector sum = all(s.log_density[node]);
    for (int k = 0; above && k < P; ++k)
      sum -= (s.nodes[long(node) * P + k] > 0 ? log_above : log_below)[k];
    return sum;
  }
};

/// Logarithms of the nodes' weights.
/// @return the largest.
template <int P>
Vector weigh_nodes(const Voxels<P>& voxels, const Placement<P>& placement,
                   Vector weights[kMaxPosteriorNodes]) {
  Vector best = all(-1e300);
  for (int n = 0; n < voxels.s.n_nodes; n += kTogether) {
    Vector eta[kTogether][P], values[kTogether];
    for (int i = 0; i < kTogether; ++i) placement.place(n + i, eta[i]);
    voxels.at_points(eta, kTogether, values);
    for (int i = 0; i < kTogether; ++i) {
      weights[n + i] = -0.5 * values[i] - placement.log_density(n + i);
      best = largest(best, weights[n + i]);
    }
  }
  return best;
}

/// Weighted moments of the nodes, placed by m (and, if given, stretched on each side).
/// @return the effective number of nodes.
template <int P>
Vector importance_moments(const Voxels<P>& voxels, const Moments<P>& m, const Vector* above,
                          const Vector* below, Moments<P>& out) {
  const Placement<P> placement(voxels.s, m, above, below);
  Vector weights[kMaxPosteriorNodes];
  const Vector best = weigh_nodes(voxels, placement, weights);
  Vector sum{}, squares{};
  Moments<P> of_z{};
  constexpr int kAtATime = 4;
  for (int first = 0; first < voxels.s.n_nodes; first += kAtATime) {
    Vector below_best[kAtATime], w[kAtATime];
    for (int i = 0; i < kAtATime; ++i) below_best[i] = weights[first + i] - best;
    exponentials<kAtATime>(below_best, w);
    for (int n = 0; n < kAtATime; ++n) {
      Vector z[P];
      placement.node(first + n, z);
      sum += w[n];
      squares += w[n] * w[n];
      for (int i = 0; i < P; ++i) {
        const Vector weighted = w[n] * z[i];
        of_z.mean[i] += weighted;
        for (int j = 0; j <= i; ++j) of_z.covariance[i][j] += weighted * z[j];
      }
    }
  }
  for (int i = 0; i < P; ++i) of_z.mean[i] /= sum;
  for (int i = 0; i < P; ++i)
    for (int j = 0; j <= i; ++j)
      of_z.covariance[i][j] = of_z.covariance[i][j] / sum - of_z.mean[i] * of_z.mean[j];
  placement.transform(of_z, out);
  return sum * sum / squares;
}

template <int P>
void posterior(const PosteriorSystem& s, const PosteriorSums& sums, int lane, double* mean,
               double* covariance) {
  const auto row = [lane](const double* rows, int i) {
    return as_vectors(rows + long(i) * kTileWidth + lane)[0];
  };
  Voxels<P> voxels{s, sums.on_columns + lane, {}, {}, {}};
  for (int d = 0; d <= P; ++d) voxels.lags[d] = row(sums.lags, d);
  for (int i = 0; i < P; ++i) {
    voxels.head[i] = row(sums.head, i);
    voxels.tail[i] = row(sums.tail, i);
  }
  Moments<P> m = first_guess(voxels), seen;
  approach_mode(voxels, m);
  Vector above[P], below[P];
  set_sides(voxels, m, above, below);
  // If few nodes carry all the weight, the spread is poorly determined: keep the guess then.
  const Vector effective = importance_moments(voxels, m, above, below, seen);
  const Vector keep = 0.7 * least(all(1), 0.75 * P / effective);
  for (int i = 0; i < P; ++i) {
    m.mean[i] = seen.mean[i];
    for (int j = 0; j <= i; ++j)
      m.covariance[i][j] = (1.0 - keep) * 1.2 * seen.covariance[i][j] + keep * m.covariance[i][j];
  }
  importance_moments(voxels, m, nullptr, nullptr, seen);
  for (int i = 0, at = 0; i < P; ++i) {
    as_vectors(mean + long(i) * kTileWidth + lane)[0] = seen.mean[i];
    for (int j = 0; j <= i; ++j, ++at)
      as_vectors(covariance + long(at) * kTileWidth + lane)[0] = seen.covariance[i][j];
  }
}

}  // namespace

void SOCIOMETER_KERNEL(ar_posterior)(const PosteriorSystem& s, const PosteriorSums& sums,
                                     double* mean, double* covariance);
void SOCIOMETER_KERNEL(ar_posterior)(const PosteriorSystem& s, const PosteriorSums& sums,
                                     double* mean, double* covariance) {
  for (int lane = 0; lane < kTileWidth; lane += kLanes) switch (s.order) {
      case 1:
        posterior<1>(s, sums, lane, mean, covariance);
        break;
      case 2:
        posterior<2>(s, sums, lane, mean, covariance);
        break;
      case 3:
        posterior<3>(s, sums, lane, mean, covariance);
        break;
      case 4:
        posterior<4>(s, sums, lane, mean, covariance);
        break;
      default:
        posterior<5>(s, sums, lane, mean, covariance);
    }
}

}  // namespace sociometer::kernels
