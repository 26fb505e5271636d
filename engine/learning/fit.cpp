#include "engine/learning/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include <Eigen/Dense>
#include <nlopt.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using First = Learner::First;
using Second = Learner::Second;

/// Where the optimiser may go: beyond, a likelihood no longer tells parameters apart.
struct Range {
  double low, high;              // limits of u
  double start_low, start_high;  // where starts lie
};
Range range_of(const Parameter& p) {
  Range r{-50, 50, -2, 2};
  if (p.transform == Transform::logit) r = {-18, 18, -2, 2};
  if (p.transform == Transform::log) r = {-12, 7, std::log(0.3), std::log(30)};
  if (p.prior.family == PriorFamily::normal_transformed) {
    r.start_low = std::clamp(p.prior.first - 2 * p.prior.second, r.low, r.high);
    r.start_high = std::clamp(p.prior.first + 2 * p.prior.second, r.low, r.high);
  }
  return r;
}

double halton(int index, int base) {
  double f = 1, x = 0;
  for (; index > 0; index /= base) x += (f /= base) * (index % base);
  return x;
}

/// Log posterior over transformed parameters.
class Posterior {
 public:
  Posterior(const Learner& learner, const LearningSettings& settings,
            const Participant& participant, DensitySpace space)
      : learner_(learner), settings_(settings), participant_(participant), space_(space) {}

  size_t size() const { return learner_.parameters().size(); }
  const std::vector<Parameter>& parameters() const { return learner_.parameters(); }

  template <class T>
  T log_density(const std::vector<T>& u) const {
    std::vector<T> x;
    T sum(0.0);
    for (size_t i = 0; i < u.size(); ++i) {
      const Parameter& p = parameters()[i];
      x.push_back(parameter_of(p.transform, u[i]));
      sum = sum + log_prior_kernel(p, x[i], u[i]) + log_prior_constant(p.prior);
      const bool of_u = p.prior.family == PriorFamily::normal_transformed;
      if (of_u && space_ == DensitySpace::parameter) sum = sum - log_jacobian(p.transform, u[i]);
      if (!of_u && space_ == DensitySpace::transformed) sum = sum + log_jacobian(p.transform, u[i]);
    }
    return sum + log_likelihood<T>(learner_, settings_, participant_, x);
  }

  double value_and_gradient(const double* u, double* gradient) const {
    std::vector<First> variables;
    for (size_t i = 0; i < size(); ++i) variables.push_back(First::variable(u[i], i));
    const First f = log_density(variables);
    if (gradient) std::copy_n(f.slope.begin(), size(), gradient);
    return f.value;
  }

  /// Value, gradient and Hessian.
  double expand(const Eigen::VectorXd& u, Eigen::VectorXd& gradient,
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

 private:
  const Learner& learner_;
  const LearningSettings& settings_;
  const Participant& participant_;
  DensitySpace space_;
};

struct Mode {
  Eigen::VectorXd u;
  double log_density = -std::numeric_limits<double>::infinity();
  Eigen::MatrixXd hessian;  ///< of minus the log density over u
  bool converged = false, positive_definite = false;
  int n_starts_agreeing = 0;
};

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
  double best = 0;
  nlopt_optimize(optimiser.get(), u.data(), &best);  // a failure shows in the gradient afterwards
  return u;
}

/// Newton steps while they climb; leaves the expansion at the last point in `mode`.
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

Mode find_mode(const Posterior& posterior, int n_starts) {
  static constexpr int kPrimes[kMostParameters] = {2, 3, 5, 7, 11, 13};
  std::vector<Eigen::VectorXd> ends;
  std::vector<double> values;
  for (int s = 0; s < std::max(1, n_starts); ++s) {
    Eigen::VectorXd start(Eigen::Index(posterior.size()));
    for (size_t i = 0; i < posterior.size(); ++i) {
      const Range r = range_of(posterior.parameters()[i]);
      const double at = s == 0 ? 0.5 : halton(s, kPrimes[i]);
      start[Eigen::Index(i)] = r.start_low + at * (r.start_high - r.start_low);
    }
    ends.push_back(climb(posterior, start));
    values.push_back(posterior.value_and_gradient(ends.back().data(), nullptr));
  }
  // The first of the best, so that equal optima are told apart by order, not by rounding.
  size_t best = 0;
  for (size_t s = 1; s < values.size(); ++s)
    if (!(values[s] <= values[best] + 1e-9)) best = s;
  Mode mode;
  mode.u = ends[best];
  mode.n_starts_agreeing = int(std::count_if(values.begin(), values.end(), [&](double v) {
    return std::abs(v - values[best]) < 1e-6 * (1 + std::abs(values[best]));
  }));
  polish(posterior, mode);
  return mode;
}

double log_determinant(const Eigen::MatrixXd& m) {
  return 2 * Eigen::LLT<Eigen::MatrixXd>(m).matrixLLT().diagonal().array().log().sum();
}

/// Laplace's approximation around a mode. With the density of the parameters themselves the Hessian
/// over them is D H D with D = diag(du/dx), exactly, because the gradient is 0 at the mode.
double laplace_evidence(const Mode& mode, const Learner& learner, DensitySpace space) {
  double sum = mode.log_density - 0.5 * log_determinant(mode.hessian) +
               0.5 * double(mode.u.size()) * std::log(2 * std::numbers::pi);
  if (space == DensitySpace::parameter)
    for (Eigen::Index i = 0; i < mode.u.size(); ++i)
      sum += log_jacobian(learner.parameters()[size_t(i)].transform, mode.u[i]);
  return sum;
}

void check_trials(const Learner& learner, const Participant& participant, LearnerFit& fit) {
  int n_ranks = 0, n_outcomes = 0;
  for (const auto& trial : participant.trials) {
    if (trial.chosen < 0) continue;
    ++fit.n_choices;
    n_ranks += !std::isnan(trial.rank);
    n_outcomes += !std::isnan(trial.outcome);
  }
  const auto refuse = [&](const char* what) {
    fail(ErrorCode::bad_input, "participant {} has no {}, which model '{}' needs",
         participant.label, what, learner.name());
  };
  if (fit.n_choices == 0) refuse("response");
  if (learner.needs_rank() && n_ranks == 0) refuse("visible rank");
  if (learner.needs_outcome() && n_outcomes == 0) refuse("outcome");
}

void fill(LearnerFit& fit, const Mode& mode, const Learner& learner) {
  const auto n = size_t(mode.u.size());
  fit.log_posterior = mode.log_density;
  fit.converged = mode.converged;
  fit.n_starts_agreeing = mode.n_starts_agreeing;
  fit.standard_error.assign(n, kMissing);
  for (size_t i = 0; i < n; ++i)
    fit.estimate.push_back(
        parameter_of(learner.parameters()[i].transform, mode.u[Eigen::Index(i)]));
  if (!mode.positive_definite) return;
  const Eigen::MatrixXd covariance =
      mode.hessian.llt().solve(Eigen::MatrixXd::Identity(mode.u.size(), mode.u.size()));
  fit.transformed_covariance.assign(covariance.data(), covariance.data() + covariance.size());
  for (size_t i = 0; i < n; ++i) {
    const auto k = Eigen::Index(i);
    fit.standard_error[i] = std::sqrt(covariance(k, k)) *
                            std::exp(log_jacobian(learner.parameters()[i].transform, mode.u[k]));
  }
}

}  // namespace

DensitySpace parse_density_space(const std::string& text) {
  if (text == "parameter") return DensitySpace::parameter;
  if (text == "transformed") return DensitySpace::transformed;
  fail(ErrorCode::usage, "density space '{}' is not known; use parameter or transformed", text);
}

std::string to_string(DensitySpace space) {
  return space == DensitySpace::parameter ? "parameter" : "transformed";
}

std::string to_string(EvidenceMethod method) {
  switch (method) {
    case EvidenceMethod::exact:
      return "exact";
    case EvidenceMethod::laplace:
      return "laplace";
    case EvidenceMethod::laplace_transformed:
      return "laplace_transformed";
    case EvidenceMethod::bic:
      return "bic";
  }
  return "";
}

LearnerFit fit_learner(const Learner& learner, const LearningSettings& settings,
                       const Participant& participant, const FitOptions& options) {
  LearnerFit fit;
  check_trials(learner, participant, fit);
  const auto n_parameters = double(learner.parameters().size());
  const Posterior posterior(learner, settings, participant, options.space);
  Mode mode;
  if (n_parameters > 0) {
    mode = find_mode(posterior, options.n_starts);
    fill(fit, mode, learner);
  }
  fit.log_likelihood = log_likelihood<double>(learner, settings, participant, fit.estimate);
  fit.bic = -2 * fit.log_likelihood + n_parameters * std::log(double(fit.n_choices));
  fit.aic = -2 * fit.log_likelihood + 2 * n_parameters;
  if (n_parameters == 0) {
    fit.log_posterior = fit.log_evidence = fit.log_likelihood;
    return fit;
  }
  if (mode.positive_definite) {
    fit.method = EvidenceMethod::laplace;
    fit.log_evidence = laplace_evidence(mode, learner, options.space);
    return fit;
  }
  const Posterior other(learner, settings, participant, DensitySpace::transformed);
  const Mode transformed_mode = find_mode(other, options.n_starts);
  if (transformed_mode.positive_definite) {
    fit.method = EvidenceMethod::laplace_transformed;
    fit.log_evidence = laplace_evidence(transformed_mode, learner, DensitySpace::transformed);
  } else {
    fit.method = EvidenceMethod::bic;
    fit.log_evidence = -0.5 * fit.bic;
  }
  return fit;
}

}  // namespace sociometer
