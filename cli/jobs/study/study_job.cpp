#include "cli/jobs/study/study_job.hpp"

#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/jobs/first_level/fit_job.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "cli/jobs/group/merge_job.hpp"
#include "cli/jobs/learning/learn_job.hpp"
#include "cli/jobs/regions/dissociate_job.hpp"
#include "cli/jobs/regions/extract_job.hpp"
#include "cli/jobs/regions/individual_job.hpp"
#include "cli/jobs/regions/make_job.hpp"
#include "cli/jobs/regions/test_job.hpp"
#include "cli/jobs/trials/trials_job.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {

bool shuffles(const StudyJob& job) {
  return job.kind == StudyJobKind::group && job.request.json.contains("permutation") &&
         job.request.json["permutation"].value("permutations", int64_t(0)) > 0;
}

JobSummary execute(const StudyJob& job, const Session& session) {
  if (!job.problem.empty()) fail(ErrorCode::bad_input, "{}", job.problem);
  const std::string where = "the request of " + job.id;
  const Json& json = job.request.json;
  switch (job.kind) {
    case StudyJobKind::learn:
      return learn(from_json<LearnRequest>(json, where), session);
    case StudyJobKind::fit:
      return fit(from_json<FitRequest>(json, where), session);
    case StudyJobKind::contrast:
      return contrast(from_json<ContrastRequest>(json, where), session);
    case StudyJobKind::group:
      return run_group(from_json<GroupRequest>(json, where), session);
    case StudyJobKind::merge:
      return merge(from_json<MergeRequest>(json, where), session);
    case StudyJobKind::make_regions:
      return make_rois(from_json<MakeRequest>(json, where), session);
    case StudyJobKind::extract:
      return extract(from_json<ExtractRequest>(json, where), session);
    case StudyJobKind::test:
      return test_regions(from_json<TestRequest>(json, where), session);
    case StudyJobKind::dissociate:
      return dissociate_regions(from_json<DissociateRequest>(json, where), session);
    case StudyJobKind::individual:
      return individual(from_json<IndividualRequest>(json, where), session);
    case StudyJobKind::trials: {
      // A trial without an amplitude is a row that says why, and a warning: no failure of a study.
      JobSummary summary = trials(from_json<TrialsRequest>(json, where), session);
      summary.failures.clear();
      return summary;
    }
  }
  require(false, "a kind of study job");
  return {};
}

}  // namespace sociometer::jobs
