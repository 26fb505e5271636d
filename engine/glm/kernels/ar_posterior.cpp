// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/vector.hpp"

namespace sociometer::kernels {
namespace {

typedef long long Bits __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), may_alias));

constexpr int kColumnBlock = 4;
/// Number of columns whose eigenvalues are multiplied before a logarithm is taken: the product
/// stays far from the limits of a double.
constexpr int kBlocksPerLog = 4;
constexpr double kLn2 = 0.693147180559945309417;
constexpr int kExponentShift = 52;
constexpr long long kExponentOfOne = 1023LL << kExponentShift,
                    kMantissa = (1LL << kExponentShift) - 1;
/// Adding this to a double of moderate size rounds it to an integer, held in the low bits.
constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52

Vector all(double x) { return Vector{} + x; }
Vector least(Vector a, Vector b) { return a < b ? a : b; }
Vector largest(Vector a, Vector b) { return a > b ? a : b; }

Vector square_root(Vector x) {
  for (int l = 0; l < kLanes; ++l) x[l] = __builtin_sqrt(x[l]);
  return x;
}

/// ln x of positive normal numbers, to 1e-13.
Vector logarithm(Vector x) {
  const Bits bits = (Bits)x;
  Vector exponent = (Vector)(((bits >> kExponentShift) - 1023) + (Bits)all(kRounder)) - kRounder;
  Vector m = (Vector)((bits & kMantissa) | kExponentOfOne);
  const Bits high = m > all(1.4142135623730951);
  m = high ? 0.5 * m : m;
  exponent = high ? exponent + 1.0 : exponent;
  const Vector s = (m - 1.0) / (m + 1.0), q = s * s;
  Vector sum = all(1.0 / 17);
  for (int odd = 15; odd > 0; odd -= 2) sum = sum * q + 1.0 / odd;
  return exponent * kLn2 + 2.0 * s * sum;
}

/// e^x for x <= 0, to 1e-13; 0 below -700.
Vector exponential(Vector x) {
  const Vector held = largest(x, all(-700.0));
  const Vector rounded = held * (1 / kLn2) + kRounder, k = rounded - kRounder;
  const Vector r = held - k * kLn2;
  constexpr int kTerms = 13;
  constexpr double kTaylor[kTerms] = {1.0 / 479001600,
                                      1.0 / 39916800,
                                      1.0 / 3628800,
                                      1.0 / 362880,
                                      1.0 / 40320,
                                      1.0 / 5040,
                                      1.0 / 720,
                                      1.0 / 120,
                                      1.0 / 24,
                                      1.0 / 6,
                                      1.0 / 2,
                                      1,
                                      1};
  Vector sum = all(kTaylor[0]);
  for (int i = 1; i < kTerms; ++i) sum = sum * r + kTaylor[i];
  const Bits scale = ((Bits)rounded - (Bits)all(kRounder)) << kExponentShift;
  const Vector y = (Vector)((Bits)sum + scale);
  return x > all(-700.0) ? y : Vector{};
}

/// A process of order P from its coordinates eta_k = artanh pi_k, pi the partial autocorrelations.
template <int P>
struct Process {
  Vector a[P + 1];  ///< 1, -phi
  Vector w[P + 1];  ///< of the inverse covariance, by distance
  /// Product of (1 - pi_k^2)^-(k + 1), k = 1 .. P: the covariance's determinant by (..)^-k, and the
  /// uniform prior of pi as one of eta.
  Vector determinant;

  explicit Process(const Vector* eta) {
    a[0] = all(1);
    determinant = all(1);
    for (int k = 0; k < P; ++k) {
      const Vector t = exponential(-2.0 * (eta[k] < 0 ? -eta[k] : eta[k])), one = 1.0 + t;
      const Vector size = (1.0 - t) / one, partial = eta[k] < 0 ? -size : size;
      const Vector inverse = one * one / (4.0 * t);  // of 1 - pi^2
      for (int i = 0; i < k + 2; ++i) determinant *= inverse;
      Vector next[P + 1];
      for (int j = 1; j <= k; ++j) next[j] = a[j] - partial * a[k + 1 - j];
      for (int j = 1; j <= k; ++j) a[j] = next[j];
      a[k + 1] = -partial;
    }
    for (int d = 0; d <= P; ++d) {
      w[d] = Vector{};
      for (int k = 0; k + d <= P; ++k) w[d] += a[k] * a[k + d];
    }
  }
};

/// What the likelihood of a vector of voxels depends on.
template <int P>
struct Voxels {
  const PosteriorSystem& s;
  const double* on_columns;  ///< (P, n_columns, kTileWidth) from lag 1 on
  Vector lags[P + 1], head[P], tail[P];

  /// -2 ln of the posterior density of eta, less a constant.
  Vector minus_two_log_posterior(const Vector* eta) const {
    const Process<P> p(eta);
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
    Vector logs = logarithm(p.determinant), product = all(1);
    int blocks = 0;
    for (int c = 0; c < s.n_columns; c += kColumnBlock) {
      Vector own[kColumnBlock], square[kColumnBlock];
      for (int i = 0; i < kColumnBlock; ++i) {
        if (c + i >= s.n_columns) {
          own[i] = all(1);
          square[i] = Vector{};
          continue;
        }
        const double* diagonal = s.diagonal + long(c + i) * (P + 1);
        Vector sum = diagonal[0] * p.w[0], on{};
        for (int d = 1; d <= P; ++d) {
          sum += diagonal[d] * p.w[d];
          on +=
              p.w[d] * as_vectors(on_columns + (long(d - 1) * s.n_columns + c + i) * kTileWidth)[0];
        }
        own[i] = sum;
        square[i] = on * on;
      }
      // sum of square / own over one common denominator
      const Vector p01 = own[0] * own[1], p23 = own[2] * own[3];
      const Vector n01 = square[0] * own[1] + square[1] * own[0],
                   n23 = square[2] * own[3] + square[3] * own[2];
      const Vector denominator = p01 * p23;
      squares -= (n01 * p23 + n23 * p01) / denominator;
      product *= denominator;
      if (++blocks == kBlocksPerLog) {
        logs += logarithm(product);
        product = all(1);
        blocks = 0;
      }
    }
    logs += logarithm(product);
    // Columns are treated as independent, which can explain more than the total.
    const Vector floor = 1e-9 * lags[0];
    const Vector value = s.dof * logarithm(largest(squares, floor)) + logs;
    return squares > floor ? value : all(1e30);
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
    const Vector here = voxels.minus_two_log_posterior(m.mean);
    Vector moved[P];
    for (int k = 0; k < P; ++k) {
      Vector there[P];
      for (int i = 0; i < P; ++i) there[i] = m.mean[i];
      there[k] = m.mean[k] + width[k];
      const Vector above = voxels.minus_two_log_posterior(there);
      there[k] = m.mean[k] - width[k];
      const Vector below = voxels.minus_two_log_posterior(there);
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
  const Vector here = voxels.minus_two_log_posterior(m.mean);
  for (int k = 0; k < P; ++k)
    for (int side = 0; side < 2; ++side) {
      Vector there[P];
      for (int i = 0; i < P; ++i) there[i] = m.mean[i];
      there[k] += (side == 0 ? kAt : -kAt) * square_root(m.covariance[k][k]);
      const Vector rise = voxels.minus_two_log_posterior(there) - here;
      const Vector factor = kAt * kScale / square_root(largest(rise, all(kFlat)));
      (side == 0 ? above : below)[k] =
          rise > all(kFlat) ? least(all(kWidest), largest(all(kNarrowest), factor)) : all(kWidest);
    }
}

/// Weighted moments of the nodes, placed by m (and, if given, stretched on each side).
/// @return the effective number of nodes.
template <int P>
Vector importance_moments(const Voxels<P>& voxels, const Moments<P>& m, const Vector* above,
                          const Vector* below, Moments<P>& out) {
  const PosteriorSystem& s = voxels.s;
  Vector l[P][P], weight[kMaxPosteriorNodes], best = all(-1e300);
  m.factor(l);
  const auto place = [&](int node, Vector eta[P], Vector* jacobian) {
    Vector z[P];
    for (int k = 0; k < P; ++k) {
      const double at = s.nodes[long(node) * P + k];
      z[k] = all(at);
      if (!above) continue;
      const Vector factor = at > 0 ? above[k] : below[k];
      z[k] *= factor;
      if (jacobian) *jacobian *= factor;
    }
    for (int i = 0; i < P; ++i) {
      eta[i] = m.mean[i];
      for (int k = 0; k <= i; ++k) eta[i] += l[i][k] * z[k];
    }
  };
  for (int n = 0; n < s.n_nodes; ++n) {
    Vector eta[P], jacobian = all(1);
    place(n, eta, &jacobian);
    weight[n] = -0.5 * voxels.minus_two_log_posterior(eta) - s.log_density[n];
    if (above) weight[n] += logarithm(jacobian);
    best = largest(best, weight[n]);
  }
  Vector sum{}, squares{};
  out = {};
  for (int n = 0; n < s.n_nodes; ++n) {
    Vector eta[P];
    place(n, eta, nullptr);
    const Vector w = exponential(weight[n] - best);
    sum += w;
    squares += w * w;
    for (int i = 0; i < P; ++i) {
      const Vector from = eta[i] - m.mean[i];
      out.mean[i] += w * from;
      for (int j = 0; j <= i; ++j) out.covariance[i][j] += w * from * (eta[j] - m.mean[j]);
    }
  }
  for (int i = 0; i < P; ++i) out.mean[i] /= sum;
  for (int i = 0; i < P; ++i)
    for (int j = 0; j <= i; ++j)
      out.covariance[i][j] = out.covariance[i][j] / sum - out.mean[i] * out.mean[j];
  for (int i = 0; i < P; ++i) out.mean[i] += m.mean[i];
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
