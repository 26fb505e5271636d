#include <cmath>
#include <limits>
#include <numbers>

#include "engine/core/error.hpp"
#include "engine/mixed/fixed_basis.hpp"
#include "engine/mixed/scaled_effects.hpp"
#include "engine/mixed/smooth_minimum.hpp"
#include "engine/mixed/wald_tests.hpp"

namespace sociometer {
namespace {

/// The deviance of a linear mixed model as a function of its packed relative factors.
///
/// Computed for what the fixed effects leave of the response, by ordinary least squares, on
/// orthogonal columns: cross-products of the columns themselves would lose the digits of their
/// means twice.
class LinearDeviance {
 public:
  LinearDeviance(const MixedDesign& d, const ScaledEffects& effects, MixedCriterion criterion)
      : effects_(effects), basis_(d.fixed) {
    ordinary_ = basis_.q.transpose() * d.response / double(d.n());
    Eigen::VectorXd rest = d.response - basis_.q * ordinary_;
    // Once more, for what rounding has left.
    const Eigen::VectorXd again = basis_.q.transpose() * rest / double(d.n());
    ordinary_ += again;
    rest -= basis_.q * again;
    rest_squares_ = rest.squaredNorm();
    if (!(rest_squares_ > 1e-26 * d.response.squaredNorm()))
      fail(ErrorCode::bad_input,
           "the fixed effects of '{}' leave no residual in {} rows; leave out effects",
           to_string(d.formula), d.n());
    Eigen::MatrixXd dense(d.n(), d.fixed.cols() + 1);
    dense << basis_.q, rest;
    add_up(effects.random, dense, {}, products_);
    restricted_ = criterion == MixedCriterion::reml;
    n_free_ = double(d.n() - (restricted_ ? d.fixed.cols() : 0));
  }
  double n_free() const { return n_free_; }
  PenalisedSystem system(const Eigen::VectorXd& parameters) const {
    return {products_, effects_.random, relative_factors(effects_.random, parameters)};
  }
  /// The parts that do not depend on the residual variance.
  double log_dets(const PenalisedSystem& s) const {
    return s.log_det_random() + (restricted_ ? s.log_det_fixed() + basis_.log_det : 0);
  }
  Eigen::VectorXd effects(const PenalisedSystem& s) const {
    return basis_.effects(ordinary_ + s.effects());
  }
  /// Without the residual variance.
  Eigen::MatrixXd effects_covariance(const PenalisedSystem& s) const {
    return basis_.covariance(s.effects_covariance());
  }
  /// Of the residuals of ordinary least squares.
  double rest_squares() const { return rest_squares_; }
  /// With the residual variance at its best for these parameters.
  double profiled(const Eigen::VectorXd& parameters) const {
    const PenalisedSystem s = system(parameters);
    if (!s.is_positive() || !(s.penalised_squares() > 0)) return kInfinite;
    return log_dets(s) +
           n_free_ * (1 + std::log(2 * std::numbers::pi * s.penalised_squares() / n_free_));
  }
  /// With a given residual standard deviation.
  double at(const Eigen::VectorXd& parameters, double sd) const {
    const PenalisedSystem s = system(parameters);
    if (!s.is_positive()) return kInfinite;
    return log_dets(s) + n_free_ * std::log(2 * std::numbers::pi * sd * sd) +
           s.penalised_squares() / (sd * sd);
  }

 private:
  static constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const ScaledEffects& effects_;
  FixedBasis basis_;
  Eigen::VectorXd ordinary_;  ///< coefficients of ordinary least squares
  double rest_squares_ = 0;
  CrossProducts products_;
  bool restricted_ = false;
  double n_free_ = 0;
};

/// Steps of differences: smooth on the scale of the parameters, far above rounding errors.
Eigen::VectorXd steps_at(const Eigen::VectorXd& parameters) {
  return parameters.cwiseAbs().cwiseMax(0.1) * 0.02;
}

/// What Satterthwaite's degrees of freedom need: derivatives of the effects' covariance by factors
/// and residual deviation, and the covariance of these.
VarianceUncertainty uncertainty_of(const LinearDeviance& deviance, const Eigen::VectorXd& at,
                                   double sd) {
  const Eigen::Index n = at.size();
  const Eigen::VectorXd steps = steps_at(at);
  const PenalisedSystem here = deviance.system(at);
  VarianceUncertainty out;
  Eigen::VectorXd squares(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto moved = [&](double by) {
      Eigen::VectorXd x = at;
      x[i] += by * steps[i];
      return deviance.system(x);
    };
    const PenalisedSystem a = moved(-2), b = moved(-1), c = moved(1), e = moved(2);
    const auto slope = [&](const auto& of) {
      return ((8 * (of(c) - of(b)) - (of(e) - of(a))) / (12 * steps[i])).eval();
    };
    out.derivatives.push_back(
        sd * sd * slope([&](const PenalisedSystem& s) { return deviance.effects_covariance(s); }));
    squares[i] = slope([](const PenalisedSystem& s) {
      return Eigen::Matrix<double, 1, 1>(s.penalised_squares());
    })(0);
  }
  out.derivatives.push_back(2 * sd * deviance.effects_covariance(here));
  Eigen::MatrixXd hessian(n + 1, n + 1);
  hessian.topLeftCorner(n, n) =
      numerical_hessian([&](const Eigen::VectorXd& x) { return deviance.at(x, sd); }, at, steps);
  hessian.col(n).head(n) = -2 / (sd * sd * sd) * squares;
  hessian.row(n).head(n) = hessian.col(n).head(n).transpose();
  hessian(n, n) = 4 * deviance.n_free() / (sd * sd);
  out.covariance = 2 * positive_inverse(hessian, 1e-8);
  return out;
}

}  // namespace

MixedFit fit_linear_mixed(const MixedDesign& d, MixedCriterion criterion) {
  require_random(d);
  const ScaledEffects effects(d);
  const FactorParameters parameters(effects);
  const LinearDeviance deviance(d, effects, criterion);
  const ParameterFunction profiled = [&](const Eigen::VectorXd& x) { return deviance.profiled(x); };
  const SmoothMinimum best = minimise_smooth(profiled, parameters.start(0), parameters.low(0), 0.3);
  const PenalisedSystem system = deviance.system(best.at);
  if (!system.is_positive())
    fail(ErrorCode::bad_input,
         "'{}': the equations of the {} rows cannot be solved with the variances that the search "
         "ended at; standardise the columns, or leave random effects out",
         to_string(d.formula), d.n());
  if (!(system.penalised_squares() > 1e-9 * deviance.rest_squares()))
    fail(ErrorCode::bad_input,
         "the random effects of '{}' leave no residual in {} rows; leave out effects",
         to_string(d.formula), d.n());
  MixedFit fit;
  fit.residual_sd = std::sqrt(system.penalised_squares() / deviance.n_free());
  fit.effects = deviance.effects(system);
  fit.covariance = fit.residual_sd * fit.residual_sd * deviance.effects_covariance(system);
  fit.log_likelihood = -0.5 * best.value;
  fit.n_parameters = d.fixed.cols() + parameters.n + 1;
  fit.n_evaluations = best.n_evaluations;
  fit.singular = parameters.singular(best.at);
  set_random(effects, system, relative_factors(effects.random, best.at), fit.residual_sd, fit);
  const Eigen::VectorXd steps = steps_at(best.at);
  const Eigen::MatrixXd hessian = numerical_hessian(profiled, best.at, steps);
  fit.deviance_to_go = deviance_to_go(numerical_gradient(profiled, best.at, steps), hessian,
                                      parameters.free(best.at)) +
                       gain_off_bounds(profiled, parameters, best.at, best.value);
  fit.flat = !fit.singular && has_flat_direction(hessian, parameters.n, best.at);
  fit.converged = best.stopped_well && fit.deviance_to_go < 1e-4;
  set_t_tests(d, uncertainty_of(deviance, best.at, fit.residual_sd), fit);
  return fit;
}

}  // namespace sociometer
