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
  std::vector<std::vector<LearnerFit>> fits;  ///< [participant][learner]; empty when it failed
  std::vector<std::string> failures;          ///< why, empty when all went well
  bool usable(size_t participant) const { return failures[participant].empty(); }
  std::vector<size_t> usable_participants() const;
};

/// Every learner for every participant; what stops one participant does not stop the others.
StudyFit fit_study(const std::vector<std::shared_ptr<const Learner>>& learners,
                   const LearningSettings& settings, const std::vector<Participant>& participants,
                   const FitOptions& options, int n_threads);

struct GroupPriorOptions {
  int n_iterations = 2000;  ///< of EM, at most
  double tolerance = 1e-4;  ///< of means in prior standard deviations, and of log deviations
  double least_sd = 0.05;   ///< of transformed parameters: groups of alike people do not end at 0
};

/// Empirical Bayes: each learner's priors become normal densities of the transformed parameters,
/// with the mean mu and standard deviation sigma over participants that make the choices most
/// probable (EM). Fits are those under these priors, in transformed space. Learners of the result
/// carry the group priors.
///
/// Posterior means m_i and variances v_i of the people come from importance samples, which are
/// weighted anew at each iteration and drawn anew when the prior has moved; with
/// options.evidence = laplace from modes and Hessians (which makes sigma 6 to 20 % too small, as
/// posteriors are skewed). The variance is the restricted maximum likelihood one, which counts
/// that mu is estimated from the same people:
///
///     k_i = 1 - v_i / sigma^2 (share of person i's own choices in m_i);  V = sigma^2 / sum k_i
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
