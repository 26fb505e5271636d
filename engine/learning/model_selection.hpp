#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Random-effects Bayesian model selection: the frequency of each model in the
/// population.
struct ModelSelection {
  Eigen::VectorXd alpha;                 ///< Dirichlet posterior over model frequencies
  Eigen::VectorXd expected_frequency;    ///< its mean
  Eigen::VectorXd exceedance;            ///< P(this model is the most frequent one)
  Eigen::VectorXd protected_exceedance;  ///< (1 - BOR) exceedance + BOR / K
  double omnibus_risk = 0;               ///< BOR: probability that all models are equally frequent
  /// P(model | participant), (n_participants, n_models).
  Eigen::MatrixXd responsibilities;
};

/// Variational Bayes under a uniform Dirichlet prior.
///
/// Exceedance probabilities are integrals over a gamma variable, not samples: accurate to 1e-10.
/// @param log_evidence  (n_participants, n_models), nats, finite.
/// @param tolerance  stop when alpha changes by less (SPM: 1e-3).
/// @throws Error{bad_input} if a value is not finite or there are no participants or models.
/// @source Stephan et al. 2009, NeuroImage 46:1004; Rigoux et al. 2014, NeuroImage 84:971.
ModelSelection select_models(const Eigen::MatrixXd& log_evidence, double tolerance = 1e-10);

/// P(x_k is the largest) for x ~ Dirichlet(alpha).
Eigen::VectorXd exceedance_probabilities(const Eigen::VectorXd& alpha);

}  // namespace sociometer
