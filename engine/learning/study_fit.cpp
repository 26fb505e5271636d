#include "engine/learning/study_fit.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

/// Moments of the transformed parameter `k` of one learner over participants.
Prior group_prior(const StudyFit& study, size_t learner, size_t k, double least_sd) {
  const Parameter& parameter = study.learners[learner]->parameters()[k];
  const size_t n_parameters = study.learners[learner]->parameters().size();
  double sum = 0, squares = 0, n = 0;
  for (size_t i : study.usable_participants()) {
    const LearnerFit& fit = study.fits[i][learner];
    if (fit.transformed_covariance.empty()) continue;
    const double u = transformed(parameter.transform, fit.estimate[k]);
    sum += u;
    squares += u * u + fit.transformed_covariance[k * n_parameters + k];
    n += 1;
  }
  if (n < 3)
    fail(ErrorCode::bad_input,
         "group priors of model '{}' need at least 3 participants that can be fitted; there are {}",
         study.learners[learner]->name(), n);
  const double mean = sum / n;
  const double variance = std::max(squares / n - mean * mean, least_sd * least_sd);
  return {PriorFamily::normal_transformed, mean, std::sqrt(variance)};
}

bool stands_still(const Prior& before, const Prior& now, double tolerance) {
  return before.family == now.family &&
         std::abs(now.first - before.first) < tolerance * now.second &&
         std::abs(std::log(now.second / before.second)) < tolerance;
}

}  // namespace

std::vector<size_t> StudyFit::usable_participants() const {
  std::vector<size_t> out;
  for (size_t i = 0; i < failures.size(); ++i)
    if (usable(i)) out.push_back(i);
  return out;
}

StudyFit fit_study(const std::vector<std::shared_ptr<const Learner>>& learners,
                   const LearningSettings& settings, const std::vector<Participant>& participants,
                   const FitOptions& options, int n_threads) {
  StudyFit out;
  out.learners = learners;
  out.fits.resize(participants.size());
  out.failures.resize(participants.size());
  parallel_for(Eigen::Index(participants.size()), n_threads, [&](Eigen::Index i) {
    const auto at = size_t(i);
    try {
      for (const auto& learner : learners)
        out.fits[at].push_back(fit_learner(*learner, settings, participants[at], options));
    } catch (const Error& error) {
      out.fits[at].clear();
      out.failures[at] = error.what();
    }
  });
  return out;
}

StudyFit fit_study_with_group_priors(const std::vector<std::string>& models,
                                     const LearningSettings& settings,
                                     const std::vector<Participant>& participants,
                                     const FitOptions& options, const GroupPriorOptions& group,
                                     int n_threads) {
  FitOptions transformed_space = options;
  transformed_space.space = DensitySpace::transformed;
  StudyFit out;
  out.fits.resize(participants.size());
  out.failures.resize(participants.size());
  for (const auto& model : models) {
    LearningSettings now = settings;
    StudyFit study;
    bool still = false;
    for (int iteration = 0; iteration <= group.n_iterations; ++iteration) {
      study =
          fit_study({make_learner(model, now)}, now, participants, transformed_space, n_threads);
      if (still) break;
      still = true;
      const auto& parameters = study.learners[0]->parameters();
      for (size_t k = 0; k < parameters.size(); ++k) {
        const Prior next = group_prior(study, 0, k, group.least_sd);
        still &= stands_still(parameters[k].prior, next, group.tolerance);
        now.priors[parameters[k].name] = next;
      }
    }
    out.learners.push_back(study.learners[0]);
    for (size_t i = 0; i < participants.size(); ++i) {
      if (!study.usable(i))
        out.failures[i] = study.failures[i];
      else
        out.fits[i].push_back(std::move(study.fits[i][0]));
    }
  }
  for (size_t i = 0; i < participants.size(); ++i)
    if (!out.usable(i)) out.fits[i].clear();
  return out;
}

Eigen::MatrixXd log_evidences(const StudyFit& study) {
  const auto usable = study.usable_participants();
  Eigen::MatrixXd out(Eigen::Index(usable.size()), Eigen::Index(study.learners.size()));
  for (size_t i = 0; i < usable.size(); ++i)
    for (size_t m = 0; m < study.learners.size(); ++m)
      out(Eigen::Index(i), Eigen::Index(m)) = study.fits[usable[i]][m].log_evidence;
  return out;
}

}  // namespace sociometer
