#pragma once
#include <memory>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/learning/fit.hpp"

namespace sociometer {

/// Fits of several learners to several participants.
struct StudyFit {
  std::vector<std::shared_ptr<const Learner>> learners;
  std::vector<std::vector<LearnerFit>> fits;  ///< [participant][learner]; empty if it failed
  std::vector<std::string> failures;  ///< reason for the failure; empty for a successful fit
  bool usable(size_t participant) const { return failures[participant].empty(); }
  std::vector<size_t> usable_participants() const;
};

/// Fits every learner to every participant; a failure of one participant does not affect others.
StudyFit fit_study(const std::vector<std::shared_ptr<const Learner>>& learners,
                   const LearningSettings& settings, const std::vector<Participant>& participants,
                   const FitOptions& options, int n_threads);

struct GroupPriorOptions {
  int n_iterations = 2000;  ///< maximum number of EM iterations
  double tolerance = 1e-4;  ///< of means in prior standard deviations, and of log deviations
  double least_sd = 0.05;   ///< lower bound, transformed: similar participants must not give 0
};

/// Empirical Bayes: each learner's priors become normal densities of the transformed parameters,
/// with the mean mu and standard deviation sigma over participants that maximise the probability of
/// the choices (EM). The fits returned use these priors, in transformed space. Learners of the
/// result carry the group priors.
///
/// Posterior means m_i and variances v_i of the participants come from importance samples, which
/// are reweighted at each iteration and redrawn once the prior has moved; with options.evidence =
/// laplace they come from modes and Hessians (which makes sigma 6 to 20 % too small, because
/// posteriors are skewed). The variance is the restricted maximum likelihood estimate, which allows
/// for mu being estimated from the same participants:
///
///     k_i = 1 - v_i / sigma^2 (weight of i's own choices in m_i);  V = sigma^2 / sum k_i
///     mu' = mean of m_i;  sigma'^2 = mean of (m_i - mu')^2 + v_i + k_i^2 V
///
/// exact for normal likelihoods, where k = 1 gives the sum of squares over n - 1.
/// @throws Error{bad_input} with fewer than 3 participants.
/// @source Huys et al. 2011, PLoS Comput Biol 7:e1002028; Harville 1977, JASA 72:320 (restricted
/// maximum likelihood).
StudyFit fit_study_with_group_priors(const std::vector<std::string>& models,
                                     const LearningSettings& settings,
                                     const std::vector<Participant>& participants,
                                     const FitOptions& options, const GroupPriorOptions& group,
                                     int n_threads);

/// Log evidences of usable participants, (n_usable, n_learners).
Eigen::MatrixXd log_evidences(const StudyFit& study);

}  // namespace sociometer
