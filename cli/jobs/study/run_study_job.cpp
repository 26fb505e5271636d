#include <algorithm>
#include <filesystem>

#include "cli/jobs/study/perform.hpp"
#include "cli/jobs/study/run_study.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "cli/jobs/study/study_runner.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// Whether what it needs has not been done: all of it for a combination of sessions, which would
/// have estimates of an earlier call; else any.
bool has_nothing_to_start_from(const StudyJob& job, const StudyLedger& ledger) {
  const auto n_done = std::count_if(job.after.begin(), job.after.end(), [&](const auto& id) {
    const auto before = ledger.result(id);
    return before && before->state != StudyJobState::failed;
  });
  if (job.kind == StudyJobKind::contrast) return n_done < long(job.after.size());
  return !job.after.empty() && n_done == 0 && !ledger.is_current(job);
}

}  // namespace

JobSummary run_study_job(const std::string& job_file, const Session& session) {
  const StudyJob job = read_study_job(job_file);
  // OUT/logs/sociometer/jobs/ID.json
  const fs::path output = fs::absolute(job_file)
                              .lexically_normal()
                              .parent_path()
                              .parent_path()
                              .parent_path()
                              .parent_path();
  const StudyLedger ledger(output);
  if (ledger.job_file(job.id) != fs::absolute(job_file).lexically_normal())
    fail(ErrorCode::bad_input, "{} is not below OUT/logs/sociometer/jobs, where run puts it",
         job_file);
  if (has_nothing_to_start_from(job, ledger)) {
    const StudyResult result = failed_without_inputs(job);
    ledger.write_result(result);
    fail(result.code, "{}: {}", job.id, result.error);
  }
  Session own = session;
  own.provenance.command = job.command;
  own.provenance.configuration.clear();
  own.provenance.configuration_name.clear();
  const StudyResult result = perform(job, ledger, own);
  if (result.state == StudyJobState::failed) fail(result.code, "{}: {}", job.id, result.error);
  return {result.failures, result.text};
}

}  // namespace sociometer::jobs
