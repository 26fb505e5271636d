#include "engine/connectivity/deconvolution.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/tools/minima.hpp>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Cosines of rising frequency on n_points, each of length 1.
Eigen::MatrixXd cosines(Eigen::Index n_points, Eigen::Index n) {
  Eigen::MatrixXd out(n_points, n);
  for (Eigen::Index k = 0; k < n; ++k)
    for (Eigen::Index t = 0; t < n_points; ++t)
      out(t, k) = std::sqrt((k == 0 ? 1.0 : 2.0) / double(n_points)) *
                  std::cos(std::numbers::pi * double(k) * (double(t) + 0.5) / double(n_points));
  return out;
}

/// -2 log restricted likelihood for a ratio of variances, the scale at its best.
double restricted_deviance(const Eigen::VectorXd& spectrum, const Eigen::VectorXd& rotated,
                           double ratio) {
  const Eigen::ArrayXd v = 1 + ratio * spectrum.array();
  const auto n = double(rotated.size());
  const double scale = (rotated.array().square() / v).sum() / n;
  return v.log().sum() + n * (1 + std::log(2 * std::numbers::pi * scale));
}

/// The logarithm of the ratio that minimises the deviance: the best of a grid, then Brent's method
/// between its neighbours.
/// Sets the flags of `out` if it is at an end of the grid.
double best_log_ratio(const Eigen::VectorXd& spectrum, const Eigen::VectorXd& rotated,
                      Deconvolved& out) {
  const double size = spectrum.maxCoeff();
  const auto deviance = [&](double log_ratio) {
    return restricted_deviance(spectrum, rotated, std::exp(log_ratio) / size);
  };
  constexpr double kLow = -12, kHigh = 16, kStep = 0.5;
  double best = kLow;
  for (double at = kLow; at <= kHigh; at += kStep)
    if (deviance(at) < deviance(best)) best = at;
  out.no_signal = best <= kLow;
  out.no_noise = best >= kHigh;
  const auto found =
      boost::math::tools::brent_find_minima(deviance, best - kStep, best + kStep, 40);
  return found.first - std::log(size);
}

}  // namespace

Eigen::MatrixXd complement_of(const Eigen::MatrixXd& columns) {
  const Eigen::Index n = columns.rows();
  if (columns.cols() == 0) return Eigen::MatrixXd::Identity(n, n);
  Eigen::MatrixXd scaled = columns;
  for (Eigen::Index j = 0; j < scaled.cols(); ++j)
    if (scaled.col(j).norm() > 0) scaled.col(j).normalize();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(scaled);
  qr.setThreshold(1e-9);
  const Eigen::MatrixXd q = qr.householderQ();
  return q.rightCols(n - qr.rank());
}

Eigen::VectorXd convolved_at_scans(const Eigen::VectorXd& neural, const Eigen::VectorXd& response,
                                   int bins, int offset) {
  const Eigen::Index n_scans = (neural.size() - offset + bins - 1) / bins;
  Eigen::VectorXd out(n_scans);
  for (Eigen::Index i = 0; i < n_scans; ++i) {
    const Eigen::Index at = i * bins + offset;
    const Eigen::Index length = std::min(response.size(), at + 1);
    double sum = 0;
    for (Eigen::Index d = 0; d < length; ++d) sum += response[d] * neural[at - d];
    out[i] = sum;
  }
  return out;
}

Deconvolved deconvolve(const Eigen::VectorXd& series, const Eigen::MatrixXd& nuisance,
                       const Eigen::VectorXd& response, int bins, int offset) {
  const Eigen::Index n = series.size();
  const Eigen::MatrixXd basis = cosines(n * bins + std::max(0, offset - bins + 1), n);
  Eigen::MatrixXd seen(n, n);
  for (Eigen::Index k = 0; k < n; ++k)
    seen.col(k) = convolved_at_scans(basis.col(k), response, bins, offset);
  const Eigen::MatrixXd free = complement_of(nuisance);
  const Eigen::VectorXd adjusted = free.transpose() * series;
  if (!(adjusted.squaredNorm() > 1e-20 * series.squaredNorm()) || adjusted.size() < 10)
    fail(ErrorCode::bad_input,
         "nothing of the seed's series is left beside {} nuisance columns in {} scans",
         nuisance.cols(), n);
  const Eigen::MatrixXd projected = free.transpose() * seen;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(projected * projected.transpose());
  const Eigen::VectorXd spectrum = eigen.eigenvalues().cwiseMax(0);
  const Eigen::VectorXd rotated = eigen.eigenvectors().transpose() * adjusted;
  Deconvolved out;
  const double ratio = std::exp(best_log_ratio(spectrum, rotated, out));
  const Eigen::VectorXd weights =
      ratio * (rotated.array() / (1 + ratio * spectrum.array())).matrix();
  const Eigen::VectorXd posterior = projected.transpose() * (eigen.eigenvectors() * weights);
  out.neural = basis * posterior;
  out.signal_share = (projected * posterior).squaredNorm() / adjusted.squaredNorm();
  out.log_likelihood = -0.5 * restricted_deviance(spectrum, rotated, ratio);
  return out;
}

}  // namespace sociometer
