#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Binary responses of several groups (participants); all columns are fixed and random effects.
struct MixedLogisticData {
  Eigen::MatrixXd design;    ///< X, (n_trials, n_columns), including the constant
  Eigen::VectorXd response;  ///< 0 or 1
  std::vector<int> group;    ///< per trial, 0 .. n_groups - 1
  int n_groups = 0;
};

/// Logistic regression with random effects: logit P(y = 1) = X b + X u, u ~ N(0, S) per group.
struct MixedLogisticFit {
  Eigen::VectorXd effects;         ///< b, log odds
  Eigen::VectorXd standard_error;  ///< from the Hessian of the deviance by all parameters
  Eigen::VectorXd z, p;            ///< Wald; p two-sided
  Eigen::MatrixXd covariance;      ///< S, of the random effects
  /// Conditional modes of the random effects, (n_groups, n_columns): a group's deviations from
  /// `effects`, shrunk towards 0 (empirical Bayes); its own slopes are effects + deviations.
  Eigen::MatrixXd deviations;
  /// Their standard errors given effects and S (lme4's condVar), log odds.
  Eigen::MatrixXd deviation_errors;
  double log_likelihood = 0;  ///< Laplace approximation
  bool converged = false;
  /// A random effect has no variance, or two are perfectly correlated: the fit is on the boundary.
  bool singular = false;
};

/// Maximum likelihood with a Laplace approximation of the integral over random effects; all columns
/// are random and freely correlated.
///
/// Starts at an ordinary logistic regression with standard deviations of 1/2; BOBYQA (NLopt) over
/// the effects and the Cholesky factor of S. Same objective as lme4's glmer(.., nAGQ = 1).
/// @throws Error{bad_input} if all responses are equal, columns are collinear, or
/// there are fewer than 3 groups.
/// @cost  about 300 likelihoods: 0.3 s for 42 participants, 50 trials each, 3 columns.
/// @source Bates et al. 2015, J Stat Softw 67(1); Powell 2009 (BOBYQA).
MixedLogisticFit fit_mixed_logistic(const MixedLogisticData& data);

/// Ordinary logistic regression pooling all groups, by Newton steps; zeros if the responses are
/// separated. @cost  ten weighted normal equations.
Eigen::VectorXd logistic_slopes(const MixedLogisticData& data);

/// Laplace approximation of the log likelihood for given effects and Cholesky
/// factor of S (lower, column-major).
double mixed_logistic_log_likelihood(const MixedLogisticData& data, const Eigen::VectorXd& effects,
                                     const Eigen::VectorXd& factor);

}  // namespace sociometer
