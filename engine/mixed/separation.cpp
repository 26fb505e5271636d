#include "engine/mixed/separation.hpp"

#include "engine/learning/dual.hpp"

namespace sociometer {
namespace {

double pooled_log_likelihood(const Eigen::VectorXd& eta, const Eigen::VectorXd& y) {
  double out = 0;
  for (Eigen::Index i = 0; i < y.size(); ++i) out += log_logistic(y[i] > 0.5 ? eta[i] : -eta[i]);
  return out;
}

/// Newton's step of the coefficients. Weights and residuals keep their digits near 0 and 1.
Eigen::VectorXd newton_step(const Eigen::MatrixXd& q, const Eigen::VectorXd& eta,
                            const Eigen::VectorXd& y) {
  Eigen::VectorXd weights(y.size()), rest(y.size());
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    weights[i] = logistic(eta[i]) * logistic(-eta[i]);
    rest[i] = y[i] > 0.5 ? logistic(-eta[i]) : -logistic(eta[i]);
  }
  return (q.transpose() * weights.asDiagonal() * q).ldlt().solve(q.transpose() * rest);
}

}  // namespace

Eigen::VectorXd separating_direction(const FixedBasis& basis, const Eigen::VectorXd& y) {
  Eigen::VectorXd eta = Eigen::VectorXd::Zero(y.size()), step;
  double value = pooled_log_likelihood(eta, y);
  for (int iteration = 0; iteration < 25; ++iteration) {
    step = newton_step(basis.q, eta, y);
    const Eigen::VectorXd along = basis.q * step;
    if (!(along.cwiseAbs().maxCoeff() > 0.01)) return {};
    double part = 1, next = pooled_log_likelihood(eta + along, y);
    for (int halving = 0; halving < 20 && !(next >= value); ++halving) {
      part *= 0.5;
      next = pooled_log_likelihood(eta + part * along, y);
    }
    if (!(next >= value)) return {};
    eta += part * along;
    value = next;
  }
  if (!((basis.q * step).cwiseAbs().maxCoeff() > 0.1)) return {};
  return step;
}

}  // namespace sociometer
