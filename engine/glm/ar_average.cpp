#include "engine/glm/ar_average.hpp"

#include <cmath>

#include "engine/glm/voxel_limits.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr int kNodes = kernels::kMaxPosteriorNodes;
/// Nodes are spread wider than a normal with the posterior's covariance: tails toward unit roots
/// are heavier.
constexpr double kSpread = 1.8;
constexpr int kPrimes[kMaxArOrder] = {2, 3, 5, 7, 11};

double halton(int index, int base) {
  double fraction = 1, result = 0;
  for (; index > 0; index /= base) {
    fraction /= base;
    result += fraction * (index % base);
  }
  return result;
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Points of a normal distribution scaled by kSpread, each with its mirror image: (kNodes, order).
RowMajor make_nodes(Eigen::Index order) {
  RowMajor nodes(kNodes, order);
  for (int i = 0; i < kNodes; i += 2)
    for (Eigen::Index k = 0; k < order; ++k) {
      nodes(i, k) = kSpread * z_from_log_sf(std::log(halton(i / 2 + 1, kPrimes[k])));
      nodes(i + 1, k) = -nodes(i, k);
    }
  return nodes;
}

/// Log densities of the nodes, tilted by the smallest quadratic form of the nodes for which the
/// finite sample reproduces the covariance of a standard normal exactly.
Eigen::VectorXd fitted_log_density(const RowMajor& nodes) {
  const Eigen::Index order = nodes.cols(), n_products = order * (order + 1) / 2;
  Eigen::MatrixXd products(nodes.rows(), n_products);
  Eigen::VectorXd wanted(n_products);
  for (Eigen::Index i = 0, at = 0; i < order; ++i)
    for (Eigen::Index j = 0; j <= i; ++j, ++at) {
      products.col(at) = nodes.col(i).cwiseProduct(nodes.col(j));
      wanted[at] = i == j;
    }
  Eigen::VectorXd log_density = -0.5 / (kSpread * kSpread) * nodes.rowwise().squaredNorm();
  constexpr int kIterations = 50;
  for (int i = 0; i < kIterations; ++i) {  // Newton's method; the problem is convex
    Eigen::VectorXd w = (-0.5 * nodes.rowwise().squaredNorm() - log_density).array().exp().matrix();
    w /= w.sum();
    const Eigen::VectorXd found = products.transpose() * w;
    const Eigen::MatrixXd spread =
        products.transpose() * w.asDiagonal() * products - found * found.transpose();
    const Eigen::VectorXd step = spread.ldlt().solve(wanted - found);
    log_density -= products * (step * std::min(1.0, 0.2 / step.cwiseAbs().maxCoeff()));
  }
  return log_density;
}

}  // namespace

ResidualLagSums::ResidualLagSums(int order, Eigen::Index n_columns)
    : lags(kWidth, order + 1),
      on_columns(kWidth, order * n_columns),
      head(kWidth, order),
      tail(kWidth, order) {}

ArCoordinates ar_coordinates(const ArCoefficients& phi) {
  return partial_autocorrelations(phi).array().atanh().matrix();
}

ArCoefficients ar_coefficients(const ArCoordinates& eta) {
  ArCoefficients phi(eta.size());
  for (Eigen::Index k = 0; k < eta.size(); ++k) {
    const double partial = std::tanh(eta[k]);
    const ArCoefficients previous = phi;
    for (Eigen::Index i = 0; i < k; ++i) phi[i] -= partial * previous[k - 1 - i];
    phi[k] = partial;
  }
  return phi;
}

ArAverage::ArAverage(const RunDesign& design, const kernels::KernelSet& kernels)
    : kernels_(kernels) {
  const Eigen::Index n = design.n_fitted(), order = design.order;
  diagonal_.resize(n, order);
  for (Eigen::Index d = 1; d <= order; ++d)
    diagonal_.col(d - 1) = design.lag_products[size_t(d)].diagonal().head(n);

  nodes_ = make_nodes(order);
  log_density_ = fitted_log_density(nodes_);

  system_.order = int(order);
  system_.n_columns = int(n);
  system_.dof = design.dof;
  system_.diagonal = diagonal_.data();
  system_.n_nodes = kNodes;
  system_.nodes = nodes_.data();
  system_.log_density = log_density_.data();
}

void ArAverage::operator()(ResidualLagSums& sums, Eigen::ArrayXXd& mean,
                           Eigen::ArrayXXd& covariance) const {
  const Eigen::Index order = system_.order;
  mean.resize(kWidth, order);
  covariance.resize(kWidth, order * (order + 1) / 2);
  for (Eigen::Index lane = 0; lane < kWidth; ++lane) {
    const double own = sums.lags(lane, 0);
    if (own > 0 && std::isfinite(own)) continue;
    sums.lags.row(lane).setZero();
    sums.lags(lane, 0) = 1;
    sums.on_columns.row(lane).setZero();
    sums.head.row(lane).setZero();
    sums.tail.row(lane).setZero();
  }
  kernels_.ar_posterior(
      system_, {sums.lags.data(), sums.on_columns.data(), sums.head.data(), sums.tail.data()},
      mean.data(), covariance.data());
}

}  // namespace sociometer
