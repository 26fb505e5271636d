#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/learning/study_fit.hpp"

namespace sociometer {

/// Hierarchical Bayesian inference over models and parameters jointly.
///
/// Each participant follows one of K models; the frequencies of the models in the population are
/// unknown, as are the mean and precision of each model's (transformed) parameters among those who
/// follow it. All are inferred jointly: a model's group distribution is learned from the
/// participants who appear to follow it, and participants' parameters are shrunk towards the group
/// of the model that they follow.
///
///     m ~ Dirichlet(1, .., 1);  z_n ~ m                  frequencies; model of participant n
///     tau_ki ~ Gamma(shape v, rate s);  mu_ki ~ N(a0_ki, 1 / (b tau_ki))   group, parameter i of k
///     h_nk ~ N(mu_k, 1 / tau_k);  choices of n ~ model k at h_nk, if z_n = k
///
/// Variational posterior, with one factor each for (H, Z), (mu, tau) and m. Given the latter two,
/// h_nk is approximated by Laplace under the normal density with mean a_k and precision E[tau_k]:
///
///     log rho_nk = log p(choices | th_nk) + log N(th_nk | a_k, 1 / E[tau_k]) + D_k/2 log 2 pi
///                  - 1/2 log |A_nk| + D_k/2 (psi(nu_k) - log nu_k - 1 / beta_k) + E[log m_k]
///     r_nk = rho_nk / sum_k rho_nk                           responsibilities
///     N_k = sum_n r_nk;   thbar_k, V_k: r-weighted means of th_nk and th_nk^2 + 1/A_nk - thbar_k^2
///     a_k = (N_k thbar_k + b a0) / (N_k + b);  beta_k = N_k + b;  nu_k = v + N_k / 2
///     sigma_k = s + 1/2 (N_k V_k + b N_k / (N_k + b) (thbar_k - a0)^2);  E[tau_k] = nu_k / sigma_k
///     alpha_k = 1 + N_k
///
/// Exact: the conjugate updates. Approximate: the factorisation (which slightly understates the
/// uncertainty of the group), and the Laplace approximation for each participant.
/// @source Piray, Dezfouli, Heskes, Frank & Daw 2019, PLoS Comput Biol 15(6):e1007043.
struct HierarchicalOptions {
  double mean_weight = 1;        ///< b: weight of a group mean's prior, in participants
  double precision_shape = 0.5;  ///< v
  double precision_rate = 0.01;  ///< s, in squared units of transformed parameters
  int n_iterations = 300;
  double tolerance = 1e-3;  ///< of frequencies, and of group means in group standard deviations
  bool with_null = true;    ///< also fit the model with equal frequencies, for protected exceedance
};

/// Posterior of one model's group.
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

/// Comparison of a group mean with a value.
struct GroupMeanTest {
  double t = 0, dof = 0, p = 0;  ///< p two-sided: posterior mass beyond the value, doubled
};
GroupMeanTest test_group_mean(const GroupPosterior& group, Eigen::Index parameter, double value);

struct HierarchicalFit {
  /// Fits of each participant and model under the model's group: estimates and their Laplace
  /// covariance; log_evidence is log rho_nk without E[log m_k]. Learners carry the group as prior.
  StudyFit study;
  std::vector<GroupPosterior> groups;  ///< [model]
  Eigen::MatrixXd responsibilities;    ///< (n_usable, n_models)
  Eigen::VectorXd alpha, frequency;    ///< Dirichlet posterior of model frequencies, its mean
  Eigen::VectorXd exceedance, protected_exceedance;
  double bound = 0;       ///< lower bound on the log evidence of the entire study
  double null_bound = 0;  ///< the same with all models equally frequent; missing without it
  double omnibus_risk = 1;
  int n_iterations = 0;
  bool converged = false;
};

/// @param settings  the parameters' priors set the expected group means: a0 is the transformed
/// median of each prior. Fits under these priors are the starting point.
/// @throws Error{bad_input} with fewer than 3 usable participants.
/// @cost  about 30 fits per participant and model, and as many again for the null.
HierarchicalFit fit_hierarchical(const std::vector<std::string>& models,
                                 const LearningSettings& settings,
                                 const std::vector<Participant>& participants,
                                 const FitOptions& options, const HierarchicalOptions& hierarchical,
                                 int n_threads);

}  // namespace sociometer
