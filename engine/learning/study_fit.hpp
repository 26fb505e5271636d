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
  int n_iterations = 100;
  double tolerance = 1e-3;  ///< of means in prior standard deviations, and of log deviations
  double least_sd = 0.05;   ///< of transformed parameters: groups of alike people do not end at 0
};

/// Empirical Bayes: each learner's priors become normal densities of the transformed parameters,
/// with the mean and standard deviation over participants that maximise the sum of Laplace
/// evidences (EM: mean of modes; mean of squares plus posterior variances). Fits are those under
/// these priors, in transformed space. Learners of the result carry the group priors.
/// @throws Error{bad_input} with fewer than 3 participants.
/// @source Huys et al. 2011, PLoS Comput Biol 7:e1002028.
StudyFit fit_study_with_group_priors(const std::vector<std::string>& models,
                                     const LearningSettings& settings,
                                     const std::vector<Participant>& participants,
                                     const FitOptions& options, const GroupPriorOptions& group,
                                     int n_threads);

/// Log evidences of usable participants, (n_usable, n_learners).
Eigen::MatrixXd log_evidences(const StudyFit& study);

}  // namespace sociometer
