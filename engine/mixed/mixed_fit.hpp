#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/mixed/mixed_design.hpp"

namespace sociometer {

/// What is maximised for a linear mixed model.
enum class MixedCriterion {
  reml,  ///< restricted likelihood: variances are not too small
  ml     ///< likelihood: models with other fixed effects can be compared
};
constexpr std::array<Name<MixedCriterion>, 2> names_of(std::type_identity<MixedCriterion>) {
  return {{{MixedCriterion::reml, "reml"}, {MixedCriterion::ml, "ml"}}};
}

/// Random effects of one grouping factor, as estimated.
struct FittedFactor {
  Eigen::MatrixXd covariance;   ///< of the effects, in units of the response (log odds)
  Eigen::MatrixXd modes;        ///< conditional modes, (n_levels, n_columns)
  Eigen::MatrixXd mode_errors;  ///< their standard deviations given the parameters
};

/// Test of all columns of one term against 0.
struct TermTest {
  std::string term;
  double f = 0;  ///< Wald's F; of a logistic model chi-square / dof1
  double dof1 = 0, dof2 = 0, p = 0;
};

/// A fitted mixed model.
struct MixedFit {
  Eigen::VectorXd effects, standard_error;  ///< fixed effects
  Eigen::MatrixXd covariance;               ///< of the fixed effects
  Eigen::VectorXd statistic;                ///< t; of a logistic model z
  Eigen::VectorXd dof;                      ///< Satterthwaite's; infinite for a logistic model
  Eigen::VectorXd p;                        ///< two-sided
  std::vector<TermTest> tests;              ///< one per term but the intercept
  std::vector<FittedFactor> random;         ///< in the order of the design
  double residual_sd = 0;                   ///< NaN for a logistic model
  double log_likelihood = 0;                ///< of REML: restricted
  Eigen::Index n_parameters = 0;            ///< fixed effects, variances, covariances
  int n_evaluations = 0;
  bool converged = false;
  /// How far the deviance is from its smallest value, by its derivatives; beyond 1e-4 not
  /// converged.
  double deviance_to_go = 0;
  /// The variances are not on their boundary, and a change of some leaves the deviance the same:
  /// the data do not identify them.
  bool flat = false;
  bool singular = false;  ///< on the boundary: see singular_words
  /// Of a logistic model: an effect has no finite estimate. Its standard error is infinite, its
  /// statistic and p are NaN, its estimate is where the search has stopped.
  bool separated = false;

  double aic() const { return -2 * log_likelihood + 2 * double(n_parameters); }
  double bic(Eigen::Index n) const;
};

/// Linear mixed model by profiled (restricted) likelihood, with t by Satterthwaite's degrees of
/// freedom.
///
/// Minimises the profiled deviance over the relative covariance factors; effects and residual
/// variance follow by penalised least squares. Standard deviations of random effects are searched
/// relative to the size of their columns, so that units do not matter. Degrees of freedom are
/// 2 v^2 / (g' A g): v the variance of an effect, g its derivatives by relative factors and
/// residual deviation, A their covariance (twice the inverse Hessian of the deviance).
/// @throws Error{bad_input} without random effects, or when nothing is left to the residual.
/// @cost  some hundred factorisations: 0.05 s for 42 participants with 3 effects each. Several
/// factors: the square of the effects of all but the largest, times those of the largest.
/// @source Bates et al. 2015, J Stat Softw 67(1); Kuznetsova et al. 2017, J Stat Softw 82(13);
/// Fai & Cornelius 1996, J Stat Comput Simul 54 (several columns).
MixedFit fit_linear_mixed(const MixedDesign& design, MixedCriterion criterion);

/// Logistic mixed model by maximum likelihood, the integral over random effects by Laplace.
///
/// Minimises the deviance over relative factors and fixed effects together; the modes of the random
/// effects by penalised, iteratively reweighted least squares. Standard errors are from the Hessian
/// of the deviance by all parameters; Wald's z.
/// @throws Error{bad_input} without random effects.
/// @cost  some hundred likelihoods of about 5 passes over the rows.
/// @source Bates et al. 2015; the objective of glmer(.., nAGQ = 1).
MixedFit fit_logistic_mixed(const MixedDesign& design);

/// The model's family decides.
MixedFit fit_mixed(const MixedDesign& design, MixedCriterion criterion);

/// Laplace's deviance of a logistic model at given parameters; for tests.
/// @param relative  packed factors, as relative_factors takes them, in units of the design.
double logistic_deviance(const MixedDesign& design, const Eigen::VectorXd& relative,
                         const Eigen::VectorXd& effects);

/// Why a fit is singular, in words: "the variance of update over participant is estimated as 0".
std::vector<std::string> singular_words(const MixedDesign& design, const MixedFit& fit);

/// The confidence interval of effect i: t or normal.
struct EffectInterval {
  double low = 0, high = 0;
};
EffectInterval effect_interval(const MixedFit& fit, Eigen::Index i, double level);

}  // namespace sociometer
