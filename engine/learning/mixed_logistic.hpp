#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Binary responses of several groups (people), with the same columns as fixed and random effects.
struct MixedLogisticData {
  Eigen::MatrixXd design;    ///< X, (n_trials, n_columns), with its constant
  Eigen::VectorXd response;  ///< 0 or 1
  std::vector<int> group;    ///< of each trial, 0 .. n_groups - 1
  int n_groups = 0;
};

/// Logistic regression with random effects, y ~ X b + X u, u ~ N(0, S) by group.
struct MixedLogisticFit {
  Eigen::VectorXd effects;         ///< b, log odds
  Eigen::VectorXd standard_error;  ///< from the Hessian of the deviance by all parameters
  Eigen::VectorXd z, p;            ///< Wald; p two-sided
  Eigen::MatrixXd covariance;      ///< S, of the random effects
  /// Conditional modes of the random effects, (n_groups, n_columns): what a group deviates from
  /// `effects`, drawn towards 0 (empirical Bayes); its own slopes are effects + deviations.
  Eigen::MatrixXd deviations;
  /// Their standard errors given effects and S (lme4's condVar), log odds.
  Eigen::MatrixXd deviation_errors;
  double log_likelihood = 0;  ///< Laplace approximation
  bool converged = false;
  /// A random effect has no variance, or two are perfectly correlated: the optimum is at the edge.
  bool singular = false;
};

/// Maximum likelihood with the integral over random effects by Laplace's approximation, all
/// columns random and freely correlated.
///
/// Starts at an ordinary logistic regression with standard deviations of 1/2; BOBYQA (NLopt) over
/// effects and Cholesky factor of S. What lme4's glmer(.., nAGQ = 1) maximises.
/// @throws Error{bad_input} when all responses are alike, columns depend on each other, or there
/// are fewer than 3 groups.
/// @cost  some 300 likelihoods: 0.3 s for 42 people, 50 trials each, 3 columns.
/// @source Bates et al. 2015, J Stat Softw 67(1); Powell 2009 (BOBYQA).
MixedLogisticFit fit_mixed_logistic(const MixedLogisticData& data);

/// Ordinary logistic regression of all groups together, by Newton steps; zeros where the responses
/// are separated. @cost  ten weighted normal equations.
Eigen::VectorXd logistic_slopes(const MixedLogisticData& data);

/// Laplace approximation of the log likelihood at given effects and Cholesky factor of S (lower,
/// column after column).
double mixed_logistic_log_likelihood(const MixedLogisticData& data, const Eigen::VectorXd& effects,
                                     const Eigen::VectorXd& factor);

}  // namespace sociometer
