#include "engine/learning/mixed_logistic.hpp"

#include <cmath>
#include <limits>
#include <memory>

#include <nlopt.h>

#include "engine/core/error.hpp"
#include "engine/learning/dual.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// The trials of one group.
struct Group {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

std::vector<Group> groups_of(const MixedLogisticData& data) {
  std::vector<std::vector<Eigen::Index>> rows(size_t(data.n_groups));
  for (size_t t = 0; t < data.group.size(); ++t)
    rows[size_t(data.group[t])].push_back(Eigen::Index(t));
  std::vector<Group> groups;
  for (const auto& r : rows)
    if (!r.empty()) groups.push_back({data.design(r, Eigen::all), data.response(r)});
  return groups;
}

Eigen::MatrixXd lower_factor(const Eigen::VectorXd& packed, Eigen::Index n) {
  Eigen::MatrixXd l = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index c = 0, at = 0; c < n; ++c)
    for (Eigen::Index r = c; r < n; ++r) l(r, c) = packed[at++];
  return l;
}

double log_likelihood_of(const Eigen::VectorXd& eta, const Eigen::VectorXd& y) {
  double sum = 0;
  for (Eigen::Index t = 0; t < y.size(); ++t) sum += log_logistic(y[t] > 0.5 ? eta[t] : -eta[t]);
  return sum;
}

/// log of the integral over one group's standard-normal random effects v, u = L v, by Laplace:
/// l(v) - v'v / 2 - log|I + L'X'WXL| / 2 at its mode (penalised Newton steps, halved if needed).
/// @param v  starting point; the mode on return.
double group_log_likelihood(const Group& g, const Eigen::VectorXd& fixed, const Eigen::MatrixXd& l,
                            Eigen::VectorXd& v) {
  const Eigen::MatrixXd z = g.x * l;
  Eigen::VectorXd eta = fixed + z * v;
  double value = log_likelihood_of(eta, g.y) - 0.5 * v.squaredNorm();
  Eigen::MatrixXd information;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Eigen::ArrayXd mu = eta.unaryExpr([](double e) { return logistic(e); });
    information = z.transpose() * (mu * (1 - mu)).matrix().asDiagonal() * z;
    information.diagonal().array() += 1;
    const Eigen::VectorXd gradient = z.transpose() * (g.y.array() - mu).matrix() - v;
    Eigen::VectorXd step = information.llt().solve(gradient);
    // The increase promised by the step. The determinant is not stationary at the mode, so the mode
    // is needed to nearly full precision: until the gain is far below the value's rounding error.
    if (step.dot(gradient) < 1e-22) break;
    bool climbs = false;
    for (int halving = 0; halving < 30 && !climbs; ++halving, step *= 0.5) {
      const Eigen::VectorXd next = v + step;
      const Eigen::VectorXd next_eta = fixed + z * next;
      const double next_value = log_likelihood_of(next_eta, g.y) - 0.5 * next.squaredNorm();
      climbs = next_value >= value - 1e-13 * std::abs(value);
      if (!climbs) continue;
      v = next;
      eta = next_eta;
      value = next_value;
    }
    if (!climbs) break;
  }
  return value - information.llt().matrixLLT().diagonal().array().log().sum();
}

/// @param modes  of the groups' random effects: starting points on entry, results on return, since
///               nearby parameters have nearby modes.
double log_likelihood(const std::vector<Group>& groups, const Eigen::VectorXd& effects,
                      const Eigen::MatrixXd& l, std::vector<Eigen::VectorXd>& modes) {
  modes.resize(groups.size(), Eigen::VectorXd::Zero(effects.size()));
  double sum = 0;
  for (size_t i = 0; i < groups.size(); ++i)
    sum += group_log_likelihood(groups[i], groups[i].x * effects, l, modes[i]);
  return sum;
}

/// Effects first, then the packed factor.
double at_parameters(const std::vector<Group>& groups, const Eigen::VectorXd& p, Eigen::Index n,
                     std::vector<Eigen::VectorXd>& modes) {
  return log_likelihood(groups, p.head(n), lower_factor(p.tail(p.size() - n), n), modes);
}

Eigen::VectorXd ordinary_logistic(const MixedLogisticData& data) {
  Eigen::VectorXd b = Eigen::VectorXd::Zero(data.design.cols());
  for (int iteration = 0; iteration < 50; ++iteration) {
    const Eigen::ArrayXd mu = (data.design * b).unaryExpr([](double e) { return logistic(e); });
    const Eigen::MatrixXd information =
        data.design.transpose() * (mu * (1 - mu)).matrix().asDiagonal() * data.design;
    const Eigen::VectorXd step =
        information.ldlt().solve(data.design.transpose() * (data.response.array() - mu).matrix());
    if (!step.allFinite() || b.norm() > 20) return Eigen::VectorXd::Zero(b.size());
    b += step;
    if (step.norm() < 1e-10 * (1 + b.norm())) break;
  }
  return b;
}

constexpr double kAtBound = 1e-4;

/// Whether parameter i is a diagonal element of the factor, which is bounded below by 0, since the
/// sign of a column is arbitrary.
bool is_diagonal(Eigen::Index i, Eigen::Index n) {
  for (Eigen::Index c = 0, at = n; c < n; at += n - c, ++c)
    if (i == at) return true;
  return false;
}

struct Objective {
  const std::vector<Group>& groups;
  Eigen::Index n_columns;
  std::vector<Eigen::VectorXd> modes = {};
};

double deviance(unsigned n, const double* p, double*, void* data) {
  auto& o = *static_cast<Objective*>(data);
  const double value =
      at_parameters(o.groups, Eigen::Map<const Eigen::VectorXd>(p, n), o.n_columns, o.modes);
  return std::isfinite(value) ? -2 * value : 1e300;
}

bool minimise(Objective& objective, Eigen::VectorXd& p, double first_step) {
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(
      nlopt_create(NLOPT_LN_BOBYQA, unsigned(p.size())), nlopt_destroy);
  std::vector<double> low(size_t(p.size()), -HUGE_VAL);
  for (Eigen::Index i = 0; i < p.size(); ++i)
    if (is_diagonal(i, objective.n_columns)) low[size_t(i)] = 0;
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_min_objective(optimiser.get(), deviance, &objective);
  nlopt_set_initial_step1(optimiser.get(), first_step);
  nlopt_set_xtol_abs1(optimiser.get(), 1e-7);
  nlopt_set_ftol_abs(optimiser.get(), 1e-10);
  nlopt_set_maxeval(optimiser.get(), 20000);
  double value = 0;
  const nlopt_result result = nlopt_optimize(optimiser.get(), p.data(), &value);
  return result == NLOPT_SUCCESS || result == NLOPT_FTOL_REACHED || result == NLOPT_XTOL_REACHED;
}

/// Covariance of the effects: their block of twice the inverse Hessian of the deviance by all
/// parameters. Elements of the factor at their bound are kept fixed.
Eigen::MatrixXd effects_covariance(const std::vector<Group>& groups, const Eigen::VectorXd& p,
                                   Eigen::Index n) {
  std::vector<Eigen::Index> free;
  for (Eigen::Index i = 0; i < p.size(); ++i)
    if (!is_diagonal(i, n) || p[i] > kAtBound) free.push_back(i);
  std::vector<Eigen::VectorXd> modes;
  const auto f = [&](Eigen::Index i, double di, Eigen::Index j, double dj) {
    Eigen::VectorXd q = p;
    q[i] += di;
    q[j] += dj;
    return at_parameters(groups, q, n, modes);
  };
  const auto m = Eigen::Index(free.size());
  constexpr double kStep = 1e-3;
  Eigen::MatrixXd information(m, m);
  for (Eigen::Index a = 0; a < m; ++a)
    for (Eigen::Index b = 0; b <= a; ++b) {
      const Eigen::Index i = free[size_t(a)], j = free[size_t(b)];
      information(a, b) = information(b, a) = -(f(i, kStep, j, kStep) - f(i, kStep, j, -kStep) -
                                                f(i, -kStep, j, kStep) + f(i, -kStep, j, -kStep)) /
                                              (4 * kStep * kStep);
    }
  return information.inverse().topLeftCorner(n, n);
}

/// Modes u = L v and their errors: the inverse Hessian with respect to v, mapped by L.
void set_deviations(MixedLogisticFit& fit, const std::vector<Group>& groups,
                    const Eigen::MatrixXd& l, const std::vector<Eigen::VectorXd>& modes) {
  const Eigen::Index n = l.rows();
  fit.deviations.resize(Eigen::Index(groups.size()), n);
  fit.deviation_errors.resizeLike(fit.deviations);
  for (size_t i = 0; i < groups.size(); ++i) {
    const Eigen::VectorXd u = l * modes[i];
    const Eigen::ArrayXd mu =
        (groups[i].x * (fit.effects + u)).unaryExpr([](double e) { return logistic(e); });
    const Eigen::MatrixXd z = groups[i].x * l;
    Eigen::MatrixXd information = z.transpose() * (mu * (1 - mu)).matrix().asDiagonal() * z;
    information.diagonal().array() += 1;
    const Eigen::MatrixXd covariance = l * information.llt().solve(l.transpose());
    fit.deviations.row(Eigen::Index(i)) = u.transpose();
    fit.deviation_errors.row(Eigen::Index(i)) = covariance.diagonal().cwiseSqrt().transpose();
  }
}

void check(const MixedLogisticData& data) {
  const double sum = data.response.sum();
  if (data.n_groups < 3)
    fail(ErrorCode::bad_input, "a mixed regression needs at least 3 participants; there are {}",
         data.n_groups);
  if (sum == 0 || sum == double(data.response.size()))
    fail(ErrorCode::bad_input, "all {} responses are alike: there is nothing to regress",
         data.response.size());
  if (Eigen::ColPivHouseholderQR<Eigen::MatrixXd>(data.design).rank() < data.design.cols())
    fail(ErrorCode::bad_input, "the columns of the mixed regression depend on each other");
}

}  // namespace

double mixed_logistic_log_likelihood(const MixedLogisticData& data, const Eigen::VectorXd& effects,
                                     const Eigen::VectorXd& factor) {
  std::vector<Eigen::VectorXd> modes;
  return log_likelihood(groups_of(data), effects, lower_factor(factor, effects.size()), modes);
}

Eigen::VectorXd logistic_slopes(const MixedLogisticData& data) { return ordinary_logistic(data); }

MixedLogisticFit fit_mixed_logistic(const MixedLogisticData& data) {
  check(data);
  const auto groups = groups_of(data);
  const Eigen::Index n = data.design.cols();
  Eigen::VectorXd p = Eigen::VectorXd::Zero(n + n * (n + 1) / 2);
  p.head(n) = ordinary_logistic(data);
  for (Eigen::Index c = 0, at = n; c < n; at += n - c, ++c) p[at] = 0.5;
  Objective objective{groups, n};
  MixedLogisticFit fit;
  minimise(objective, p, 0.3);
  fit.converged = minimise(objective, p, 0.02);  // restart: BOBYQA's trust region had shrunk
  fit.effects = p.head(n);
  const Eigen::MatrixXd l = lower_factor(p.tail(p.size() - n), n);
  fit.covariance = l * l.transpose();
  fit.singular = l.diagonal().minCoeff() < kAtBound;
  fit.log_likelihood = log_likelihood(groups, fit.effects, l, objective.modes);
  set_deviations(fit, groups, l, objective.modes);
  fit.standard_error = effects_covariance(groups, p, n).diagonal().cwiseSqrt();
  fit.z = fit.effects.cwiseQuotient(fit.standard_error);
  fit.p = fit.z.unaryExpr([](double z) { return 2 * std::exp(log_sf_normal(std::abs(z))); });
  return fit;
}

}  // namespace sociometer
