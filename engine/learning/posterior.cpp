#include "engine/learning/posterior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include <nlopt.h>

#include "engine/core/error.hpp"
#include "engine/learning/halton.hpp"

namespace sociometer {
namespace {

using First = Learner::First;
using Second = Learner::Second;

/// Limits for the optimiser: beyond them, the likelihood no longer distinguishes parameters.
struct Range {
  double low, high;              // limits of u
  double start_low, start_high;  // range of the starts
};
Range range_of(const Parameter& p) {
  Range r{-50, 50, -2, 2};
  if (p.transform == Transform::logit) r = {-18, 18, -2, 2};
  if (p.transform == Transform::log)
    r = {-12, 7, transformed_prior_quantile(p, 0.03), transformed_prior_quantile(p, 0.999)};
  if (p.prior.family == PriorFamily::normal_transformed) {
    r.start_low = std::clamp(p.prior.first - 2 * p.prior.second, r.low, r.high);
    r.start_high = std::clamp(p.prior.first + 2 * p.prior.second, r.low, r.high);
  }
  return r;
}

double objective(unsigned, const double* u, double* gradient, void* data) {
  return static_cast<const Posterior*>(data)->value_and_gradient(u, gradient);
}

Eigen::VectorXd climb(const Posterior& posterior, const Eigen::VectorXd& start) {
  const auto n = unsigned(posterior.size());
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(nlopt_create(NLOPT_LD_SLSQP, n),
                                                                    nlopt_destroy);
  std::vector<double> low, high;
  for (const auto& p : posterior.parameters()) {
    low.push_back(range_of(p).low);
    high.push_back(range_of(p).high);
  }
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_upper_bounds(optimiser.get(), high.data());
  nlopt_set_max_objective(optimiser.get(), objective, const_cast<Posterior*>(&posterior));
  nlopt_set_ftol_rel(optimiser.get(), 1e-13);
  nlopt_set_xtol_rel(optimiser.get(), 1e-9);
  nlopt_set_maxeval(optimiser.get(), 300);
  Eigen::VectorXd u = start;
  for (Eigen::Index i = 0; i < u.size(); ++i)
    u[i] = std::clamp(u[i], low[size_t(i)], high[size_t(i)]);
  double best = 0;
  nlopt_optimize(optimiser.get(), u.data(), &best);  // failures show in the gradient afterwards
  return u;
}

/// Newton steps as long as they climb; leaves the expansion at the last point in `mode`.
void polish(const Posterior& posterior, Mode& mode) {
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;
  mode.log_density = posterior.expand(mode.u, gradient, hessian);
  for (int step = 0; step < 20; ++step) {
    const Eigen::LLT<Eigen::MatrixXd> factor(-hessian);
    if (factor.info() != Eigen::Success || gradient.cwiseAbs().maxCoeff() < 1e-11) break;
    const Eigen::VectorXd next = mode.u + factor.solve(gradient);
    Eigen::VectorXd next_gradient;
    Eigen::MatrixXd next_hessian;
    const double value = posterior.expand(next, next_gradient, next_hessian);
    if (!(value >= mode.log_density) ||
        next_gradient.cwiseAbs().maxCoeff() >= gradient.cwiseAbs().maxCoeff())
      break;
    mode.u = next;
    mode.log_density = value;
    gradient = next_gradient;
    hessian = next_hessian;
  }
  mode.hessian = -hessian;
  mode.converged = gradient.cwiseAbs().maxCoeff() < 1e-5 * (1 + std::abs(mode.log_density));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(mode.hessian);
  mode.positive_definite =
      mode.converged && hessian.allFinite() &&
      eigen.eigenvalues()[0] > 1e-10 * std::max(1.0, eigen.eigenvalues().tail(1)[0]);
}

Eigen::VectorXd centre_of(const Posterior& posterior) {
  Eigen::VectorXd u(Eigen::Index(posterior.size()));
  for (size_t i = 0; i < posterior.size(); ++i) {
    const Range r = range_of(posterior.parameters()[i]);
    u[Eigen::Index(i)] = 0.5 * (r.start_low + r.start_high);
  }
  return u;
}

/// 1 % and 99 %, or further out if a group prior lies there.
double near_bound(const Parameter& p, bool high) {
  constexpr double kNear = 4.6;
  if (p.prior.family != PriorFamily::normal_transformed) return high ? kNear : -kNear;
  return p.prior.first + (high ? 2.5 : -2.5) * p.prior.second;
}

/// The optimum along the log parameters depends on which bound the other parameters are near, so
/// each such start is repeated with these low, medium and high.
void add_with_log_parameters(const Posterior& posterior, const Eigen::VectorXd& u,
                             std::vector<Eigen::VectorXd>& starts) {
  for (double at : {0.5, 0.1, 0.9}) {
    Eigen::VectorXd moved = u;
    bool any = false;
    for (size_t i = 0; i < posterior.size(); ++i) {
      const Parameter& p = posterior.parameters()[i];
      if (p.transform != Transform::log) continue;
      const Range r = range_of(p);
      moved[Eigen::Index(i)] = r.start_low + at * (r.start_high - r.start_low);
      any = true;
    }
    starts.push_back(moved);
    if (!any) return;
  }
}

std::vector<Eigen::VectorXd> starts_near_bounds(const Posterior& posterior) {
  std::vector<Eigen::Index> bounded;
  for (size_t i = 0; i < posterior.size(); ++i)
    if (posterior.parameters()[i].transform == Transform::logit) bounded.push_back(Eigen::Index(i));
  std::vector<Eigen::VectorXd> starts;
  const auto set = [&](Eigen::VectorXd& u, Eigen::Index k, bool high) {
    u[k] = near_bound(posterior.parameters()[size_t(k)], high);
  };
  for (Eigen::Index k : bounded)
    for (bool high : {false, true}) {
      Eigen::VectorXd u = centre_of(posterior);
      set(u, k, high);
      add_with_log_parameters(posterior, u, starts);
    }
  if (bounded.size() < 2 || bounded.size() > 3) return starts;
  for (unsigned corner = 0; corner < 1u << bounded.size(); ++corner) {
    Eigen::VectorXd u = centre_of(posterior);
    for (size_t b = 0; b < bounded.size(); ++b) set(u, bounded[b], (corner >> b & 1u) != 0);
    starts.push_back(std::move(u));
  }
  return starts;
}

std::vector<Eigen::VectorXd> starts_of(const Posterior& posterior, int n_starts) {
  std::vector<Eigen::VectorXd> starts{centre_of(posterior)};
  for (int s = 1; s < n_starts; ++s) {
    Eigen::VectorXd start(Eigen::Index(posterior.size()));
    for (size_t i = 0; i < posterior.size(); ++i) {
      const Range r = range_of(posterior.parameters()[i]);
      start[Eigen::Index(i)] = r.start_low + halton(s, i) * (r.start_high - r.start_low);
    }
    starts.push_back(std::move(start));
  }
  for (auto& start : starts_near_bounds(posterior)) starts.push_back(std::move(start));
  return starts;
}

/// Whether two end points are the same maximum for all practical purposes.
bool alike(const Mode& mode, double value, const Eigen::VectorXd& u) {
  return std::abs(value - mode.log_density) < 1e-6 * (1 + std::abs(value)) &&
         (u - mode.u).cwiseAbs().maxCoeff() < 0.05;
}

/// The best value not yet taken; the first among equals, so that ties between optima are broken by
/// the order of the starts, not by rounding.
size_t first_of_best(const std::vector<double>& values, const std::vector<bool>& taken) {
  size_t best = values.size();
  for (size_t s = 0; s < values.size(); ++s)
    if (!taken[s] && (best == values.size() || !(values[s] <= values[best] + 1e-9))) best = s;
  return best;
}

}  // namespace

double Posterior::log_prior(const Eigen::VectorXd& u) const {
  const std::vector<double> at(u.data(), u.data() + u.size());
  std::vector<double> x;
  return log_prior(at, x);
}

double Posterior::log_likelihood_at(const Eigen::VectorXd& u) const {
  std::vector<double> x;
  for (size_t i = 0; i < size(); ++i)
    x.push_back(parameter_of(parameters()[i].transform, u[Eigen::Index(i)]));
  return log_likelihood<double>(learner_, settings_, participant_, x);
}

double Posterior::value_and_gradient(const double* u, double* gradient) const {
  if (!gradient) return log_density(std::vector<double>(u, u + size()));
  std::vector<First> variables;
  for (size_t i = 0; i < size(); ++i) variables.push_back(First::variable(u[i], i));
  const First f = log_density(variables);
  std::copy_n(f.slope.begin(), size(), gradient);
  return f.value;
}

double Posterior::expand(const Eigen::VectorXd& u, Eigen::VectorXd& gradient,
                         Eigen::MatrixXd& hessian) const {
  std::vector<Second> variables;
  const auto n = Eigen::Index(size());
  for (size_t i = 0; i < size(); ++i)
    variables.push_back(Second::variable(First::variable(u[Eigen::Index(i)], i), i));
  const Second f = log_density(variables);
  gradient.resize(n);
  hessian.resize(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    gradient[i] = f.value.slope[size_t(i)];
    for (Eigen::Index j = 0; j < n; ++j) hessian(i, j) = f.slope[size_t(i)].slope[size_t(j)];
  }
  return plain(f);
}

Eigen::MatrixXd Mode::covariance() const {
  return hessian.llt().solve(Eigen::MatrixXd::Identity(u.size(), u.size()));
}

double Mode::log_mass() const {
  const double half_log_determinant =
      Eigen::LLT<Eigen::MatrixXd>(hessian).matrixLLT().diagonal().array().log().sum();
  return log_density - half_log_determinant +
         0.5 * double(u.size()) * std::log(2 * std::numbers::pi);
}

std::vector<Mode> find_modes(const Posterior& posterior, int n_starts,
                             const std::vector<Eigen::VectorXd>& hints, size_t most) {
  auto starts = starts_of(posterior, std::max(1, n_starts));
  starts.insert(starts.end(), hints.begin(), hints.end());
  return modes_from(posterior, starts, most);
}

std::vector<Mode> modes_from(const Posterior& posterior, const std::vector<Eigen::VectorXd>& starts,
                             size_t most) {
  std::vector<Eigen::VectorXd> ends;
  std::vector<double> values;
  for (const auto& start : starts) {
    ends.push_back(climb(posterior, start));
    values.push_back(posterior.value_and_gradient(ends.back().data(), nullptr));
  }
  std::vector<Mode> modes;
  std::vector<bool> taken(ends.size(), false);
  for (size_t round = 0; round < ends.size(); ++round) {
    const size_t s = first_of_best(values, taken);
    taken[s] = true;
    const auto known = std::find_if(modes.begin(), modes.end(), [&](const Mode& mode) {
      return alike(mode, values[s], ends[s]);
    });
    if (known != modes.end()) {
      ++known->n_starts_agreeing;
      continue;
    }
    if (modes.size() == most) continue;
    Mode mode;
    mode.u = ends[s];
    mode.n_starts_agreeing = 1;
    polish(posterior, mode);
    modes.push_back(std::move(mode));
  }
  return modes;
}

}  // namespace sociometer
