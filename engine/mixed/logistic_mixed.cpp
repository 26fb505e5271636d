#include <cmath>
#include <limits>

#include "engine/core/missing.hpp"
#include "engine/learning/dual.hpp"
#include "engine/learning/mixed_logistic.hpp"
#include "engine/mixed/scaled_effects.hpp"
#include "engine/mixed/separation.hpp"
#include "engine/mixed/smooth_minimum.hpp"
#include "engine/mixed/wald_tests.hpp"

namespace sociometer {
namespace {

/// Spherical random effects, per factor (n_levels, n_columns).
using SphericalEffects = std::vector<Eigen::MatrixXd>;

/// Z L u, per row.
Eigen::VectorXd random_part(const std::vector<RandomFactor>& random, const RelativeFactors& factors,
                            const SphericalEffects& u) {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(random[0].z.rows());
  for (size_t f = 0; f < random.size(); ++f) {
    const Eigen::MatrixXd b = u[f] * factors[f].transpose();
    for (Eigen::Index i = 0; i < out.size(); ++i)
      out[i] += random[f].z.row(i).dot(b.row(random[f].level[size_t(i)]));
  }
  return out;
}

double penalised_log_likelihood(const Eigen::VectorXd& eta, const Eigen::VectorXd& y,
                                const SphericalEffects& u) {
  double out = 0;
  for (Eigen::Index t = 0; t < y.size(); ++t) out += log_logistic(y[t] > 0.5 ? eta[t] : -eta[t]);
  for (const auto& own : u) out -= 0.5 * own.squaredNorm();
  return out;
}

/// Laplace's deviance; remembers the modes, since near parameters have near modes.
class LaplaceDeviance {
 public:
  LaplaceDeviance(const MixedDesign& d, const std::vector<RandomFactor>& random)
      : d_(d), random_(random) {
    for (const auto& factor : random)
      modes_.emplace_back(Eigen::MatrixXd::Zero(factor.n_levels(), factor.n_columns()));
  }

  double operator()(const RelativeFactors& factors, const Eigen::VectorXd& effects) {
    const Eigen::VectorXd fixed = d_.fixed * effects;
    Eigen::VectorXd eta = fixed + random_part(random_, factors, modes_);
    double value = penalised_log_likelihood(eta, d_.response, modes_);
    if (!std::isfinite(value)) return restart();
    double log_det = 0;
    bool ended = false;
    for (int iteration = 0; iteration < 100; ++iteration) {
      const PenalisedSystem system = weighted_system(factors, fixed, eta);
      if (!system.is_positive()) return restart();
      log_det = system.log_det_random();
      const SphericalEffects target = system.spherical_modes();
      const double distance = distance_to(target);
      ended = !climb(factors, fixed, target, eta, value) || distance < 1e-9;
      // Newton's steps: the next distance is about the square of this one. The determinant is not
      // stationary at the modes, which are therefore needed to nearly full precision.
      if (ended) break;
    }
    // Modes that are not found make no value that could be compared.
    if (!ended) return restart();
    return -2 * value + log_det;
  }
  /// The factorisation at the modes for these parameters.
  PenalisedSystem system(const RelativeFactors& factors, const Eigen::VectorXd& effects) {
    (*this)(factors, effects);
    const Eigen::VectorXd fixed = d_.fixed * effects;
    return weighted_system(factors, fixed, fixed + random_part(random_, factors, modes_));
  }

 private:
  /// Penalised least squares of the working response, whose solution is Newton's next point.
  PenalisedSystem weighted_system(const RelativeFactors& factors, const Eigen::VectorXd& fixed,
                                  const Eigen::VectorXd& eta) {
    const Eigen::ArrayXd mu = eta.unaryExpr([](double e) { return logistic(e); });
    const Eigen::VectorXd weights = (mu * (1 - mu)).cwiseMax(1e-12);
    const Eigen::MatrixXd working =
        (eta - fixed) + ((d_.response.array() - mu) / weights.array()).matrix();
    add_up(random_, working, weights, products_);
    return {products_, random_, factors};
  }
  double distance_to(const SphericalEffects& target) const {
    double out = 0;
    for (size_t f = 0; f < target.size(); ++f)
      out = std::max(out, (target[f] - modes_[f]).cwiseAbs().maxCoeff());
    return out;
  }
  /// Moves towards the target, half as far until the likelihood does not fall.
  bool climb(const RelativeFactors& factors, const Eigen::VectorXd& fixed,
             const SphericalEffects& target, Eigen::VectorXd& eta, double& value) {
    double part = 1;
    for (int halving = 0; halving < 30; ++halving, part *= 0.5) {
      SphericalEffects next = modes_;
      for (size_t f = 0; f < next.size(); ++f) next[f] += part * (target[f] - modes_[f]);
      Eigen::VectorXd next_eta = fixed + random_part(random_, factors, next);
      const double next_value = penalised_log_likelihood(next_eta, d_.response, next);
      if (!(next_value >= value - 1e-13 * std::abs(value))) continue;
      modes_ = std::move(next);
      eta = std::move(next_eta);
      value = next_value;
      return true;
    }
    return false;
  }
  double restart() {
    for (auto& own : modes_) own.setZero();
    return std::numeric_limits<double>::infinity();
  }

  const MixedDesign& d_;
  const std::vector<RandomFactor>& random_;
  SphericalEffects modes_;
  CrossProducts products_;
};

/// Fixed effects as they are searched for: from the pooled regression, in its standard errors, so
/// that neither units nor correlations of the columns matter.
struct FixedSearch {
  Eigen::VectorXd start;
  Eigen::MatrixXd scale;  ///< effects = start + scale * parameters

  explicit FixedSearch(const MixedDesign& d) {
    start = logistic_slopes({d.fixed, d.response, {}, 0});
    const Eigen::ArrayXd mu = (d.fixed * start).unaryExpr([](double e) { return logistic(e); });
    const Eigen::VectorXd weights = (mu * (1 - mu)).cwiseMax(1e-6);
    const Eigen::MatrixXd information = d.fixed.transpose() * weights.asDiagonal() * d.fixed;
    scale =
        information.llt().matrixU().solve(Eigen::MatrixXd::Identity(start.size(), start.size()));
  }
  Eigen::VectorXd effects(const Eigen::VectorXd& parameters) const {
    return start + scale * parameters.tail(start.size());
  }
};

/// The last parameters of the search are effects = constant + scale * parameters.
struct SearchedEffects {
  const MixedDesign& design;
  Eigen::MatrixXd scale;
};

using Unbounded = std::vector<bool>;  ///< per effect: it has no finite estimate

/// What one unit of each effect moves: the spread of its column, about its mean beside an
/// intercept.
Eigen::ArrayXd effect_sizes(const MixedDesign& d) {
  Eigen::MatrixXd columns = d.fixed;
  const Eigen::Index first = d.formula.intercept ? 1 : 0;
  for (Eigen::Index j = first; first == 1 && j < columns.cols(); ++j)
    columns.col(j).array() -= columns.col(j).mean();
  return (columns.colwise().squaredNorm() / double(d.n())).cwiseSqrt();
}

/// Adds the effects that a direction moves. An intercept, which is where all columns are 0, can be
/// moved much farther than the rows are.
void add_unbounded(const MixedDesign& d, const Eigen::VectorXd& direction, Unbounded& out) {
  const Eigen::ArrayXd moved = direction.array().abs() * effect_sizes(d);
  const double most = std::max(moved.tail(moved.size() - (d.formula.intercept ? 1 : 0)).sum(),
                               std::abs((d.fixed.colwise().mean() * direction).value()));
  for (Eigen::Index j = 0; j < moved.size(); ++j)
    if (moved[j] > 1e-3 * most) out[size_t(j)] = true;
}

/// Inverse of half a Hessian. A direction without curvature, or with a negative one, gives the
/// effects it moves no variance that could be told: they are unbounded.
Eigen::MatrixXd covariance_of(const Eigen::MatrixXd& hessian, const SearchedEffects& searched,
                              Unbounded& unbounded) {
  const double least = 1e-6 * hessian.diagonal().cwiseAbs().maxCoeff();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(hessian);
  const Eigen::Index p = searched.scale.rows();
  for (Eigen::Index k = 0; k < hessian.rows(); ++k) {
    const Eigen::VectorXd fixed = eigen.eigenvectors().col(k).tail(p);
    // Directions of the variances alone: two factors of the same covariance.
    if (eigen.eigenvalues()[k] > least || fixed.norm() < 1e-3) continue;
    add_unbounded(searched.design, searched.scale * fixed, unbounded);
  }
  const Eigen::MatrixXd own = 2 * positive_inverse(hessian, least).bottomRightCorner(p, p);
  return searched.scale * own * searched.scale.transpose();
}

/// From the Hessian of the deviance by all parameters that are not at their bound.
void set_covariance(const ParameterFunction& deviance, const FactorParameters& parameters,
                    const SearchedEffects& searched, const SmoothMinimum& best,
                    Unbounded& unbounded, MixedFit& fit) {
  Eigen::VectorXd steps = best.at.cwiseAbs().cwiseMax(0.1) * 0.02;
  steps.tail(searched.scale.cols()).setConstant(0.05);  // in standard errors
  const std::vector<Eigen::Index> free = parameters.free(best.at);
  const auto part = [&](const Eigen::VectorXd& own) {
    Eigen::VectorXd all = best.at;
    for (size_t i = 0; i < free.size(); ++i) all[free[i]] = own[Eigen::Index(i)];
    return deviance(all);
  };
  const Eigen::VectorXd at = best.at(free), own_steps = steps(free);
  const Eigen::MatrixXd hessian = numerical_hessian(part, at, own_steps);
  fit.covariance = covariance_of(hessian, searched, unbounded);
  std::vector<Eigen::Index> all(free.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = Eigen::Index(i);
  fit.deviance_to_go = deviance_to_go(numerical_gradient(part, at, own_steps), hessian, all) +
                       gain_off_bounds(deviance, parameters, best.at, best.value);
  fit.converged = best.stopped_well && fit.deviance_to_go < 1e-4;
  fit.flat = !fit.singular && has_flat_direction(hessian, parameters.n, best.at);
}

/// Unbounded effects have an infinite standard error. So have those whose error is beyond 10 log
/// odds per spread of their column, where the search has stopped on its way.
void set_unbounded(const MixedDesign& d, Unbounded unbounded, MixedFit& fit) {
  Eigen::ArrayXd error = fit.covariance.diagonal().array().sqrt() * effect_sizes(d);
  const Eigen::RowVectorXd means = d.fixed.colwise().mean();
  // Far from the rows an intercept is known badly whatever the responses.
  if (d.formula.intercept)
    error[0] = std::min(error[0], std::sqrt(means.dot(means * fit.covariance)));
  for (Eigen::Index j = 0; j < d.fixed.cols(); ++j) {
    if (!unbounded[size_t(j)] && error[j] < 10) continue;
    fit.covariance.row(j).setConstant(kNaN);
    fit.covariance.col(j).setConstant(kNaN);
    fit.covariance(j, j) = std::numeric_limits<double>::infinity();
    fit.separated = true;
  }
}

}  // namespace

MixedFit fit_logistic_mixed(const MixedDesign& d) {
  require_random(d);
  const ScaledEffects effects(d);
  const FactorParameters parameters(effects);
  const FixedBasis basis(d.fixed);
  MixedDesign orthogonal = d;
  orthogonal.fixed = basis.q;
  const FixedSearch fixed(orthogonal);
  LaplaceDeviance laplace(orthogonal, effects.random);
  const ParameterFunction deviance = [&](const Eigen::VectorXd& x) {
    return laplace(relative_factors(effects.random, x), fixed.effects(x));
  };
  const Eigen::Index p = d.fixed.cols();
  const SmoothMinimum best = minimise_smooth(deviance, parameters.start(p), parameters.low(p), 0.3);
  MixedFit fit;
  const Eigen::VectorXd coefficients = fixed.effects(best.at);
  fit.effects = basis.effects(coefficients);
  fit.residual_sd = kNaN;
  fit.log_likelihood = -0.5 * best.value;
  fit.n_parameters = p + parameters.n;
  fit.n_evaluations = best.n_evaluations;
  fit.singular = parameters.singular(best.at);
  const RelativeFactors factors = relative_factors(effects.random, best.at);
  set_random(effects, laplace.system(factors, coefficients), factors, 1, fit);
  Unbounded unbounded(size_t(p), false);
  const SearchedEffects searched{d, basis.r_inverse * fixed.scale};
  set_covariance(deviance, parameters, searched, best, unbounded, fit);
  const Eigen::VectorXd direction = separating_direction(basis, d.response);
  if (direction.size() > 0) add_unbounded(d, basis.effects(direction), unbounded);
  set_unbounded(d, std::move(unbounded), fit);
  set_z_tests(d, fit);
  return fit;
}

double logistic_deviance(const MixedDesign& d, const Eigen::VectorXd& relative,
                         const Eigen::VectorXd& effects) {
  std::vector<RandomFactor> random = d.random;
  return LaplaceDeviance(d, random)(relative_factors(random, relative), effects);
}

}  // namespace sociometer
