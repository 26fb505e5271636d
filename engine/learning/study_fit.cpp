#include "engine/learning/study_fit.hpp"

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
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

Eigen::MatrixXd log_evidences(const StudyFit& study) {
  const auto usable = study.usable_participants();
  Eigen::MatrixXd out(Eigen::Index(usable.size()), Eigen::Index(study.learners.size()));
  for (size_t i = 0; i < usable.size(); ++i)
    for (size_t m = 0; m < study.learners.size(); ++m)
      out(Eigen::Index(i), Eigen::Index(m)) = study.fits[usable[i]][m].log_evidence;
  return out;
}

}  // namespace sociometer
