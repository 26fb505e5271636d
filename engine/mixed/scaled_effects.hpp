#pragma once
#include <vector>

#include "engine/mixed/mixed_fit.hpp"
#include "engine/mixed/penalised_system.hpp"
#include "engine/mixed/smooth_minimum.hpp"

namespace sociometer {

/// The random effects as they are searched for: the factor with the most effects first, columns
/// beside an intercept less their means, each divided by its root mean square. Parameters of the
/// factors are then near 1 in any unit, and intercepts and slopes about uncorrelated.
struct ScaledEffects {
  std::vector<RandomFactor> random;
  /// Per factor, (n_columns, n_columns): effects of the design = to_design * those searched for.
  std::vector<Eigen::MatrixXd> to_design;
  std::vector<size_t> place;  ///< of each in the design

  explicit ScaledEffects(const MixedDesign& design);
  /// Relative factors in the units of the design.
  RelativeFactors unscaled(RelativeFactors factors) const;
};

/// Parameters of a search: packed factors first, others behind.
struct FactorParameters {
  std::vector<bool> diagonal;
  Eigen::Index n = 0;  ///< of the factors
  explicit FactorParameters(const ScaledEffects& effects);
  Eigen::VectorXd start(Eigen::Index n_others) const;
  std::vector<double> low(Eigen::Index n_others) const;
  /// Parameters that are not at their bound.
  std::vector<Eigen::Index> free(const Eigen::VectorXd& at) const;
  bool singular(const Eigen::VectorXd& at) const;
};

/// The smallest standard deviation of a random effect that counts as positive, relative to the
/// residual's (lme4's isSingular).
inline constexpr double kLeastRelative = 1e-4;

/// Fills covariance, modes and their errors.
void set_random(const ScaledEffects& effects, const PenalisedSystem& system,
                const RelativeFactors& factors, double scale, MixedFit& fit);

/// Deviance still to be gained along free parameters: by a Newton step, and by a tenth of a step
/// along a direction of negative curvature.
double deviance_to_go(const Eigen::VectorXd& gradient, const Eigen::MatrixXd& hessian,
                      const std::vector<Eigen::Index>& free);

/// Deviance gained by moving a parameter off its bound; 0 at a minimum.
/// @param value  of the function at `at`.
double gain_off_bounds(const ParameterFunction& function, const FactorParameters& parameters,
                       const Eigen::VectorXd& at, double value);

/// Whether second derivatives show a direction of the variances without curvature: the deviance
/// changes by less than 0.0005 if they change by their own size.
/// @param n   of the first rows, that are those of the variances.
/// @param at  parameters, none at its bound.
bool has_flat_direction(const Eigen::MatrixXd& hessian, Eigen::Index n, const Eigen::VectorXd& at);

/// Refuses a model without random effects.
void require_random(const MixedDesign& design);

}  // namespace sociometer
