#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/learning/study_fit.hpp"

namespace sociometer {

/// Hierarchical Bayesian inference over models and parameters together.
///
/// Each participant follows one of K models; how often each is followed in the population is
/// unknown, and so are the mean and the precision of each model's (transformed) parameters among
/// those who follow it. All of it is inferred at once, so that a model's group distribution is
/// learned from those who seem to follow it, and people's parameters are drawn towards the group of
/// the model that they follow.
///
///     m ~ Dirichlet(1, .., 1);  z_n ~ m                      frequencies; model of person n
///     tau_ki ~ Gamma(shape v, rate s);  mu_ki ~ N(a0_ki, 1 / (b tau_ki))   group, parameter i of k
///     h_nk ~ N(mu_k, 1 / tau_k);  choices of n ~ model k at h_nk, if z_n = k
///
/// Variational posterior, one factor each for (H, Z), (mu, tau) and m. Given the latter two, h_nk
/// is approximated by Laplace under the normal density with mean a_k and precision E[tau_k]:
///
///     log rho_nk = log p(choices | th_nk) + log N(th_nk | a_k, 1 / E[tau_k]) + D_k/2 log 2 pi
///                  - 1/2 log |A_nk| + D_k/2 (psi(nu_k) - log nu_k - 1 / beta_k) + E[log m_k]
///     r_nk = rho_nk / sum_k rho_nk                           responsibilities
///     N_k = sum_n r_nk;   thbar_k, V_k: r-weighted mean of th_nk, and of th_nk^2 + 1/A_nk minus
///     its square a_k = (N_k thbar_k + b a0) / (N_k + b);  beta_k = N_k + b;  nu_k = v + N_k / 2
///     sigma_k = s + 1/2 (N_k V_k + b N_k / (N_k + b) (thbar_k - a0)^2);  E[tau_k] = nu_k / sigma_k
///     alpha_k = 1 + N_k
///
/// What is exact: the conjugate updates. What is approximate: the factorisation (uncertainty of the
/// group is understated a little), and Laplace's approximation of each person.
/// @source Piray, Dezfouli, Heskes, Frank & Daw 2019, PLoS Comput Biol 15(6):e1007043.
struct HierarchicalOptions {
  double mean_weight = 1;        ///< b: how many people the prior of a group mean counts for
  double precision_shape = 0.5;  ///< v
  double precision_rate = 0.01;  ///< s, in squared units of transformed parameters
  int n_iterations = 300;
  double tolerance = 1e-3;  ///< of frequencies, and of group means in group standard deviations
  bool with_null = true;    ///< fit the model of equal frequencies too: protected exceedance
};

/// What is known of one model's group.
struct GroupPosterior {
  Eigen::VectorXd mean;     ///< a_k: posterior mean of mu, transformed parameters
  Eigen::VectorXd sigma;    ///< rate of tau's gamma density
  double beta = 0, nu = 0;  ///< weight of the mean, shape of tau
  Eigen::VectorXd precision() const { return nu * sigma.cwiseInverse(); }
  /// Group standard deviation, 1 / sqrt(E[tau]).
  Eigen::VectorXd sd() const { return precision().cwiseSqrt().cwiseInverse(); }
  /// Scale of mu's marginal posterior: the hierarchical error of the group mean.
  Eigen::VectorXd mean_error() const { return (sigma / (nu * beta)).cwiseSqrt(); }
  /// mu's marginal posterior is a Student density with these degrees of freedom.
  double dof() const { return 2 * nu; }
};

/// A group mean held against a value.
struct GroupMeanTest {
  double t = 0, dof = 0, p = 0;  ///< p two-sided: posterior mass beyond the value, doubled
};
GroupMeanTest test_group_mean(const GroupPosterior& group, Eigen::Index parameter, double value);

struct HierarchicalFit {
  /// Fits of each person and model under the model's group: estimates and their covariance by
  /// Laplace; log_evidence is log rho_nk without E[log m_k]. Learners carry the group as prior.
  StudyFit study;
  std::vector<GroupPosterior> groups;  ///< [model]
  Eigen::MatrixXd responsibilities;    ///< (n_usable, n_models)
  Eigen::VectorXd alpha, frequency;    ///< Dirichlet posterior of model frequencies, its mean
  Eigen::VectorXd exceedance, protected_exceedance;
  double bound = 0;       ///< lower bound of the log evidence of the whole study
  double null_bound = 0;  ///< the same with all models equally frequent; missing without_null
  double omnibus_risk = 1;
  int n_iterations = 0;
  bool converged = false;
};

/// @param settings  priors of the parameters set where the group means are expected: a0 is the
/// transformed median of each prior. The starting point are fits under these priors.
/// @throws Error{bad_input} with fewer than 3 usable participants.
/// @cost  about 30 fits per person and model, and as many again for the null.
HierarchicalFit fit_hierarchical(const std::vector<std::string>& models,
                                 const LearningSettings& settings,
                                 const std::vector<Participant>& participants,
                                 const FitOptions& options, const HierarchicalOptions& hierarchical,
                                 int n_threads);

}  // namespace sociometer
