#include "engine/glm/ar_estimator.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {
namespace {

/// Largest AR(1) coefficient that is resolved; beyond it the process is close to a random walk.
constexpr double kLargest = 0.99;
constexpr int kGrid = 2000;
/// Partial autocorrelations of higher orders are kept this far from +-1.
constexpr double kLargestPartial = 0.99;
constexpr int kIterations = 30;
constexpr double kTolerance = 1e-8;
constexpr double kNegligible = 1e-9;

using Lags = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMaxArOrder, 1>;
using LagMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMaxArOrder, kMaxArOrder>;

/// Autocovariances at lags 0 .. K of an AR process of unit variance, from its coefficients.
Autocovariances first_autocorrelations(const ArCoefficients& phi) {
  const Eigen::Index order = phi.size();
  // Step down to the partial autocorrelations, then up again with Levinson's recursion.
  std::vector<ArCoefficients> by_order(size_t(order) + 1);
  by_order[size_t(order)] = phi;
  for (Eigen::Index k = order; k > 1; --k) {
    const ArCoefficients& a = by_order[size_t(k)];
    ArCoefficients b(k - 1);
    for (Eigen::Index i = 0; i < k - 1; ++i)
      b[i] = (a[i] + a[k - 1] * a[k - 2 - i]) / (1 - a[k - 1] * a[k - 1]);
    by_order[size_t(k) - 1] = b;
  }
  Autocovariances r(order + 1);
  r[0] = 1;
  double error = 1;
  for (Eigen::Index k = 1; k <= order; ++k) {
    const double partial = by_order[size_t(k)][k - 1];
    r[k] = partial * error;
    for (Eigen::Index i = 0; i + 1 < k; ++i) r[k] += by_order[size_t(k) - 1][i] * r[k - 1 - i];
    error *= 1 - partial * partial;
  }
  return r;
}

/// The nearest coefficients whose partial autocorrelations are all inside: Levinson's recursion
/// with clamped partial autocorrelations.
ArCoefficients held_back(const Autocovariances& r) {
  ArCoefficients phi(r.size() - 1);
  double error = 1;
  Autocovariances held = r / r[0];
  for (Eigen::Index k = 0; k < phi.size(); ++k) {
    double inner = 0;
    for (Eigen::Index i = 0; i < k; ++i) inner += phi[i] * held[k - i];
    const double partial =
        std::clamp((held[k + 1] - inner) / error, -kLargestPartial, kLargestPartial);
    held[k + 1] = inner + partial * error;
    const ArCoefficients previous = phi;
    for (Eigen::Index i = 0; i < k; ++i) phi[i] -= partial * previous[k - 1 - i];
    phi[k] = partial;
    error *= 1 - partial * partial;
  }
  return phi;
}

}  // namespace

ResidualMoments::ResidualMoments(const RunDesign& design)
    : weights_(Eigen::MatrixXd::Zero(design.order + 1, design.n_scans())),
      n_pairs_(design.n_pairs) {
  const Eigen::Index n = design.n_scans();
  const Eigen::MatrixXd z = design.columns.leftCols(design.rank());
  const auto kept = [&](Eigen::Index t) { return design.kept[size_t(t)] ? 1.0 : 0.0; };
  for (int k = 0; k <= design.order; ++k) {
    // D_k over kept scans, applied to Z.
    Eigen::MatrixXd shifted = Eigen::MatrixXd::Zero(n, z.cols());
    const double half = k == 0 ? 1.0 : 0.5;
    for (Eigen::Index t = 0; t + k < n; ++t) {
      const double both = half * kept(t) * kept(t + k);
      shifted.row(t) += both * z.row(t + k);
      if (k > 0) shifted.row(t + k) += both * z.row(t);
      weights_(k, k) += both * (k == 0 ? 1.0 : 2.0);
    }
    // R D_k R = D_k - Z T' - T Z' + Z S Z', T = D_k Z, S = Z'T: with U = T - Z S / 2 this is
    // D_k - Z U' - U Z', summed along diagonals.
    const Eigen::MatrixXd u = shifted - 0.5 * z * (z.transpose() * shifted);
    for (Eigen::Index j = 0; j < n; ++j) {
      double sum = 0;
      for (Eigen::Index t = 0; t + j < n; ++t)
        sum += z.row(t).dot(u.row(t + j)) + u.row(t).dot(z.row(t + j));
      weights_(k, j) -= j == 0 ? sum : 2 * sum;
    }
  }
}

Autocovariances ResidualMoments::expected(const ArCoefficients& phi) const {
  const Eigen::Index order = phi.size(), n = weights_.cols();
  const Autocovariances first = first_autocorrelations(phi);
  Autocovariances sums = weights_.leftCols(order + 1) * first;
  Autocovariances recent = first.reverse();  // newest first
  for (Eigen::Index j = order + 1; j < n; ++j) {
    double next = 0;
    for (Eigen::Index i = 0; i < order; ++i) next += phi[i] * recent[i];
    for (Eigen::Index i = order; i > 0; --i) recent[i] = recent[i - 1];
    recent[0] = next;
    if (recent.cwiseAbs().maxCoeff() < kNegligible) break;
    sums += next * weights_.col(j);
  }
  for (Eigen::Index k = 0; k < sums.size(); ++k) sums[k] /= n_pairs_[size_t(k)];
  return sums;
}

ArEstimator::ArEstimator(const RunDesign& design, const NoiseModel& model)
    : model_(model), n_pairs_(design.n_pairs), n_scans_(double(design.n_kept)), moments_(design) {
  if (model.order < 1 || !model.corrects_bias) return;
  for (int i = 0; i <= kGrid; ++i) {
    const ArCoefficients phi = ArCoefficients::Constant(1, kLargest * (2.0 * i / kGrid - 1));
    const Autocovariances expected = moments_.expected(phi);
    first_.push_back(expected[1] / expected[0]);
  }
}

ArCoefficients ArEstimator::operator()(const Autocovariances& r) const {
  if (!(r[0] > 0) || !r.allFinite()) return ArCoefficients::Constant(model_.order, NAN);
  if (!model_.corrects_bias) return plain(r);
  return model_.chooses_order ? chosen(r) : corrected(r, model_.order);
}

/// Yule-Walker; if that is not stationary, with sums divided by the number of scans, which
/// always gives a stationary process.
ArCoefficients ArEstimator::plain(Autocovariances r) const {
  ArCoefficients phi = yule_walker(r);
  if (is_stationary(phi)) return phi;
  for (Eigen::Index d = 0; d < r.size(); ++d) r[d] *= n_pairs_[size_t(d)];
  return yule_walker(r);
}

double ArEstimator::corrected_first(double correlation) const {
  // The expected correlation grows with the coefficient.
  const auto above = std::upper_bound(first_.begin(), first_.end(), correlation);
  if (above == first_.begin()) return -kLargest;
  if (above == first_.end()) return kLargest;
  const double low = *(above - 1), high = *above;
  const double at = double(above - first_.begin() - 1) + (correlation - low) / (high - low);
  return kLargest * (2 * at / kGrid - 1);
}

/// Coefficients of the given order for which the expected residual autocorrelations match the
/// observed ones.
ArCoefficients ArEstimator::corrected(const Autocovariances& r, int order) const {
  ArCoefficients phi = ArCoefficients::Zero(model_.order);
  if (order == 0) return phi;
  if (order == 1) {
    phi[0] = corrected_first(r[1] / r[0]);
    return phi;
  }
  // Broyden's method on the process's autocorrelations, starting from those of the residuals: they
  // differ little, so the first inverse Jacobian is the identity.
  const Lags observed = r.segment(1, order) / r[0];
  const auto miss_of = [&](const ArCoefficients& tried) -> Lags {
    const Autocovariances expected = moments_.expected(tried);
    return expected.segment(1, order) / expected[0] - observed;
  };
  Autocovariances target(order + 1);
  target << 1, observed;
  ArCoefficients estimate = held_back(target);
  Lags x = first_autocorrelations(estimate).tail(order), miss = miss_of(estimate);
  LagMatrix inverse = LagMatrix::Identity(order, order);
  for (int i = 0; i < kIterations && miss.cwiseAbs().maxCoeff() > kTolerance; ++i) {
    target.tail(order) = x - inverse * miss;
    estimate = held_back(target);
    const Lags next = first_autocorrelations(estimate).tail(order), next_miss = miss_of(estimate);
    const Lags step = next - x, change = next_miss - miss;
    const Lags moved = inverse * change;
    const double scale = step.dot(moved);
    if (std::abs(scale) > kNegligible * step.squaredNorm())
      inverse += (step - moved) * (step.transpose() * inverse) / scale;
    x = next;
    miss = next_miss;
  }
  phi.head(order) = estimate;
  return phi;
}

/// The order with the smallest AICc, among orders 0 to the design's.
/// @source Hurvich & Tsai 1989 Biometrika 76:297.
ArCoefficients ArEstimator::chosen(const Autocovariances& r) const {
  const ArCoefficients all = corrected(r, model_.order);
  const Autocovariances c = first_autocorrelations(all);
  double error = 1, best = INFINITY;
  int order = 0;
  for (int k = 0; k <= model_.order; ++k) {
    if (k > 0) {
      const ArCoefficients phi = yule_walker(c.head(k + 1));
      error *= 1 - phi[k - 1] * phi[k - 1];
    }
    const double parameters = k + 1;
    const double criterion =
        n_scans_ * std::log(error) + 2 * parameters * n_scans_ / (n_scans_ - parameters - 1);
    if (criterion < best) best = criterion, order = k;
  }
  return corrected(r, order);
}

}  // namespace sociometer
