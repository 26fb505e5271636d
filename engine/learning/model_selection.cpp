#include "engine/learning/model_selection.hpp"

#include <cmath>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "engine/core/error.hpp"
#include "engine/learning/log_sum_exp.hpp"

namespace sociometer {
namespace {

Eigen::VectorXd expected_log_frequency(const Eigen::VectorXd& alpha) {
  using boost::math::digamma;
  return alpha.unaryExpr([](double a) { return digamma(a); }).array() - digamma(alpha.sum());
}

void update_responsibilities(const Eigen::MatrixXd& log_evidence, ModelSelection& s) {
  const Eigen::VectorXd frequency = expected_log_frequency(s.alpha);
  for (Eigen::Index i = 0; i < log_evidence.rows(); ++i) {
    const Eigen::VectorXd u = log_evidence.row(i).transpose() + frequency;
    s.responsibilities.row(i) = (u.array() - log_sum_exp(u)).exp().transpose();
  }
}

/// Negative variational free energy under the uniform prior on frequencies.
double free_energy(const Eigen::MatrixXd& log_evidence, const ModelSelection& s) {
  using boost::math::lgamma;
  const Eigen::VectorXd frequency = expected_log_frequency(s.alpha);
  double joint = lgamma(double(s.alpha.size()));  // log normaliser of Dirichlet(1, .., 1)
  double entropy = -lgamma(s.alpha.sum());
  for (Eigen::Index k = 0; k < s.alpha.size(); ++k)
    entropy += lgamma(s.alpha[k]) - (s.alpha[k] - 1) * frequency[k];
  for (Eigen::Index i = 0; i < log_evidence.rows(); ++i)
    for (Eigen::Index k = 0; k < log_evidence.cols(); ++k) {
      const double r = s.responsibilities(i, k);
      if (r <= 0) continue;
      joint += r * (frequency[k] + log_evidence(i, k));
      entropy -= r * std::log(r);
    }
  return joint + entropy;
}

/// Log evidence if each participant's model is drawn with equal frequencies.
double null_log_evidence(const Eigen::MatrixXd& log_evidence) {
  double sum = 0;
  for (Eigen::Index i = 0; i < log_evidence.rows(); ++i)
    sum += log_sum_exp(log_evidence.row(i).transpose()) - std::log(double(log_evidence.cols()));
  return sum;
}

}  // namespace

Eigen::VectorXd exceedance_probabilities(const Eigen::VectorXd& alpha) {
  using boost::math::gamma_p;
  using boost::math::gamma_p_inv;
  using boost::math::gamma_q_inv;
  using boost::math::quadrature::gauss_kronrod;
  const Eigen::Index n = alpha.size();
  Eigen::VectorXd p(n);
  // A Dirichlet variable is a set of gamma variables over their sum, which preserves the largest.
  for (Eigen::Index k = 0; k < n; ++k) {
    const double a = alpha[k], log_norm = boost::math::lgamma(a);
    const auto density = [&](double log_x) {  // over log x: smooth even for small shapes
      const double x = std::exp(log_x);
      double f = std::exp(a * log_x - x - log_norm);
      for (Eigen::Index j = 0; j < n; ++j)
        if (j != k) f *= gamma_p(alpha[j], x);
      return f;
    };
    const double low = std::log(gamma_p_inv(a, 1e-14)), high = std::log(gamma_q_inv(a, 1e-14));
    constexpr int kPieces = 16;
    double sum = 0;
    for (int piece = 0; piece < kPieces; ++piece)
      sum += gauss_kronrod<double, 31>::integrate(density, low + (high - low) * piece / kPieces,
                                                  low + (high - low) * (piece + 1) / kPieces, 5,
                                                  1e-12);
    p[k] = sum;
  }
  return p / p.sum();
}

ModelSelection select_models(const Eigen::MatrixXd& log_evidence, double tolerance) {
  const Eigen::Index n = log_evidence.rows(), k = log_evidence.cols();
  if (n == 0 || k == 0)
    fail(ErrorCode::bad_input, "model selection needs participants and models; there are {} and {}",
         n, k);
  if (!log_evidence.allFinite())
    fail(ErrorCode::bad_input, "model selection needs finite log evidences");
  ModelSelection s;
  s.alpha = Eigen::VectorXd::Ones(k);
  s.responsibilities.resize(n, k);
  constexpr int kMostIterations = 10000;
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    update_responsibilities(log_evidence, s);
    const Eigen::VectorXd next = s.responsibilities.colwise().sum().transpose().array() + 1;
    const double change = (next - s.alpha).norm();
    s.alpha = next;
    if (change < tolerance) break;
  }
  s.expected_frequency = s.alpha / s.alpha.sum();
  s.exceedance = k == 1 ? Eigen::VectorXd::Ones(1) : exceedance_probabilities(s.alpha);
  const double difference = free_energy(log_evidence, s) - null_log_evidence(log_evidence);
  s.omnibus_risk = k == 1 ? 1.0 : 1 / (1 + std::exp(difference));
  s.protected_exceedance = (1 - s.omnibus_risk) * s.exceedance.array() + s.omnibus_risk / double(k);
  return s;
}

}  // namespace sociometer
