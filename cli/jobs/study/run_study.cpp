#include "cli/jobs/study/run_study.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/jobs/study/learning_plan.hpp"
#include "cli/jobs/study/perform.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// The plan of a dry run: a line per job.
std::string plan_table(const std::vector<StudyJob>& jobs, const StudyLedger& ledger) {
  size_t width = 3;
  for (const auto& job : jobs) width = std::max(width, job.id.size());
  std::string text =
      fmt::format("{:<{}}  {:<14}  {:<7}  {}\n", "job", width, "kind", "state", "needs");
  for (const auto& job : jobs)
    text += fmt::format("{:<{}}  {:<14}  {:<7}  {}\n", job.id, width, name_of(job.kind),
                        !job.problem.empty()     ? "cannot"
                        : ledger.is_current(job) ? "done"
                                                 : "to do",
                        !job.problem.empty()   ? job.problem
                        : job.after.size() > 3 ? fmt::format("{} jobs", job.after.size())
                                               : fmt::format("{}", fmt::join(job.after, ", ")));
  return text;
}

Json plan_json(const std::vector<StudyJob>& jobs) {
  Json json = Json::array();
  for (const auto& job : jobs) json.push_back(to_json(job));
  return json;
}

/// One call of `run`.
class StudyCall {
 public:
  StudyCall(const StudyRequest& request, const StudyExecution& execution, const Session& session)
      : a_(request),
        how_(execution),
        session_(session),
        ledger_(fs::absolute(request.output).lexically_normal()) {}

  JobSummary run() {
    check(a_);
    std::vector<StudyJob> learning = plan_learning(a_);
    if (!do_jobs(learning)) return summary();
    if (how_.dry_run && !learning.empty() && !ledger_.is_current(learning.front())) {
      session_.journal.info(
          "the other jobs are planned once learning is done: its signals are columns of the model");
      return summary();
    }
    const StudyInputs inputs = load_study(a_, session_.journal);
    JobPlan first = plan_participants(a_, inputs);
    for (const auto& note : first.notes) session_.journal.warn(note);
    if (!a_.skip_participants && !do_jobs(first.jobs)) return summary();
    if (a_.level == StudyLevel::group && !do_group(inputs, first)) return summary();
    if (!how_.dry_run) describe(inputs);
    return summary();
  }

 private:
  bool do_group(const StudyInputs& inputs, const JobPlan& first) {
    const std::function<bool(const std::string&)> exists = [&](const std::string& path) {
      return how_.dry_run || fs::exists(path);
    };
    JobPlan group = plan_group(a_, inputs, first.effects, exists);
    for (const auto& note : group.notes) session_.journal.warn(note);
    if (!how_.dry_run)
      for (const auto& [path, content] : group.files) write_table(path, content);
    return do_jobs(group.jobs);
  }

  /// An unchanged table keeps its time: jobs that read it stay current.
  void write_table(const fs::path& path, const std::string& content) const {
    std::ifstream file(path, std::ios::binary);
    if (file && std::string(std::istreambuf_iterator<char>(file), {}) == content) return;
    ledger_.write_text(path, content);
  }

  /// @return false if the study stops here.
  bool do_jobs(std::vector<StudyJob>& jobs) {
    for (auto& job : jobs) job.command = how_.command;
    all_.insert(all_.end(), jobs.begin(), jobs.end());
    if (how_.dry_run || jobs.empty()) return true;
    for (const auto& job : jobs) ledger_.write_job(job);
    const JobLauncher here = [&](const StudyJob& job, int threads) {
      Session own = session_;
      own.threads = threads;
      own.provenance.command = job.command;
      return perform(job, ledger_, own);
    };
    StudyLimits limits = how_.limits;
    if (!how_.launch) limits.threads = 1;
    StudyOutcome outcome =
        run_jobs(jobs, ledger_, how_.launch ? how_.launch : here, limits, session_.journal);
    for (size_t i = 0; i < jobs.size(); ++i) {
      const StudyResult& result = outcome.results[i];
      if (result.id.empty())
        summary_.failures.push_back(jobs[i].id + ": not started");
      else if (result.state == StudyJobState::failed)
        summary_.failures.push_back(jobs[i].id + ": " + result.error);
      for (const auto& part : result.failures)
        summary_.failures.push_back(jobs[i].id + ": " + part);
      if (!result.text.empty()) summary_.text += result.text + "\n";
    }
    session_.journal.info(fmt::format("{} jobs: {} done ({} of them before), {} in part, {} failed",
                                      jobs.size(), outcome.done, outcome.current, outcome.partly,
                                      outcome.failed));
    const bool stop = how_.limits.stop_at_failure && outcome.failed > 0;
    if (outcome.done + outcome.partly == 0 && outcome.failed > 0)
      fail(ErrorCode::bad_input, "no job of {} could be done; the first: {}", jobs.size(),
           summary_.failures.front());
    return !stop;
  }

  /// What the study's folder says about itself.
  void describe(const StudyInputs& inputs) const {
    const fs::path copy = fs::path(a_.output) / "models" / fs::path(inputs.model_path).filename();
    std::ifstream model(inputs.model_path, std::ios::binary);
    write_table(copy, std::string(std::istreambuf_iterator<char>(model), {}));
  }

  JobSummary summary() {
    if (!how_.dry_run) ledger_.write_failures(all_);
    if (how_.dry_run)
      summary_.text = how_.as_json ? to_text(plan_json(all_)) : plan_table(all_, ledger_);
    return summary_;
  }

  const StudyRequest& a_;
  const StudyExecution& how_;
  const Session& session_;
  StudyLedger ledger_;
  std::vector<StudyJob> all_;
  JobSummary summary_;
};

/// "running" if a process holds the job's lock.
bool is_running(const StudyLedger& ledger, const std::string& id) {
  const int descriptor = ::open(ledger.lock_file(id).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

}  // namespace

JobSummary run_study(const StudyRequest& request, const StudyExecution& execution,
                     const Session& session) {
  return StudyCall(request, execution, session).run();
}

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
  Session own = session;
  own.provenance.command = job.command;
  own.provenance.configuration.clear();
  own.provenance.configuration_name.clear();
  const StudyResult result = perform(job, ledger, own);
  if (result.state == StudyJobState::failed)
    fail(ErrorCode::bad_input, "{}: {}", job.id, result.error);
  return {result.failures, result.text};
}

JobSummary study_status(const std::string& output) {
  const StudyLedger ledger(fs::absolute(output).lexically_normal());
  const auto ids = ledger.job_ids();
  if (ids.empty())
    fail(ErrorCode::bad_input, "{} has no jobs of sociometer run in logs/sociometer", output);
  size_t width = 3;
  for (const auto& id : ids) width = std::max(width, id.size());
  JobSummary summary;
  summary.text = fmt::format("{:<{}}  {:<8}  {:>10}  {:>9}  {}\n", "job", width, "state", "time",
                             "memory", "reason");
  for (const auto& id : ids) {
    const auto result = ledger.result(id);
    const bool running = is_running(ledger, id);
    const std::string state = running  ? "running"
                              : result ? std::string(name_of(result->state))
                                       : "waiting";
    std::string reason;
    if (result && !running)
      reason = !result->error.empty()     ? result->error
               : result->failures.empty() ? ""
                                          : result->failures.front();
    summary.text += fmt::format(
        "{:<{}}  {:<8}  {:>10}  {:>9}  {}\n", id, width, state,
        result && !running ? duration_text(result->seconds) : "",
        result && !running ? fmt::format("{:.0f} MB", double(result->peak_bytes) / 1e6) : "",
        reason);
    if (result && !running && result->state != StudyJobState::done) summary.failures.push_back(id);
  }
  return summary;
}

}  // namespace sociometer::jobs
