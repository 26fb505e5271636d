#include "cli/jobs/study/study_status.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/study/slurm_campaign.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"

namespace sociometer::jobs {
namespace {

/// A line on the study's last call with --slurm.
std::string slurm_status(const SlurmCampaign& campaign, const std::optional<SlurmEnd>& end) {
  const std::string called = "run --slurm of " + campaign.call().submitted;
  if (end && !end->error.empty())
    return fmt::format("{} failed at {}: {}\n", called, end->ended, end->error);
  if (end) return fmt::format("{} ended at {}\n", called, end->ended);
  std::string text = called;
  for (const StudyStage stage : kStudyStages) {
    std::vector<std::string> ids;
    for (const auto& array : campaign.arrays(stage)) ids.push_back(array.slurm_id);
    if (!ids.empty())
      text += fmt::format("; {}: Slurm jobs {}, then planner {}", name_of(stage),
                          fmt::join(ids, ", "), campaign.planner(stage));
  }
  return text + "\n";
}

/// The state of a study according to its ledger.
class StudyStatus {
 public:
  explicit StudyStatus(const std::string& output)
      : output_(absolute_path(output)), ledger_(output_), slurm_(SlurmCampaign::last_of(ledger_)) {
    if (slurm_) end_ = slurm_->end();
    if (slurm_ && !end_) tasks_ = slurm_->tasks();
    const auto earlier = ledger_.earlier();
    earlier_.insert(earlier.begin(), earlier.end());
  }

  JobSummary summary(const std::string& output, bool in_short) {
    const auto ids = ledger_.job_ids();
    if (!std::filesystem::is_directory(output))
      fail(ErrorCode::bad_input, "there is no folder {}", output);
    if (ids.empty())
      fail(ErrorCode::bad_input, "{} has no jobs of sociometer run in logs/sociometer", output);
    size_t width = 3;
    for (const auto& id : ids) width = std::max(width, id.size());
    std::string table = fmt::format("{:<{}}  {:<8}  {:>10}  {:>9}  {}\n", "job", width, "state",
                                    "time", "memory", "reason");
    for (const auto& id : ids) table += line_of(id, width);
    summary_.text = (in_short ? "" : table) + numbers(output);
    if (slurm_) summary_.text += slurm_status(*slurm_, end_);
    if (end_ && !end_->error.empty()) summary_.failures.push_back(end_->error);
    return std::move(summary_);
  }

 private:
  std::string line_of(const std::string& id, size_t width) {
    const auto result = ledger_.result(id);
    const bool running = ledger_.is_running(id), ended = result && !running;
    const std::string lost = ended ? lost_output(id, *result) : "";
    const std::string state = running                 ? "running"
                              : earlier_.contains(id) ? "earlier"
                              : !lost.empty()         ? "lost"
                              : ended                 ? std::string(name_of(result->state))
                                                      : "waiting";
    ++counts_[state];
    if (state != "done" && state != "earlier") summary_.failures.push_back(id + ": " + state);
    std::string reason;
    if (!lost.empty())
      reason = lost + " is gone; `run` does the job again";
    else if (ended)
      reason = !result->error.empty()     ? result->error
               : result->failures.empty() ? ""
                                          : result->failures.front();
    else if (const auto task = tasks_.find(id); task != tasks_.end())
      reason = "Slurm task " + task->second;
    return fmt::format("{:<{}}  {:<8}  {:>10}  {:>9}  {}\n", id, width, state,
                       ended ? duration_text(result->seconds) : "",
                       ended ? fmt::format("{:.0f} MB", double(result->peak_bytes) / 1e6) : "",
                       reason);
  }

  /// A file of a job that did something, and that is no more there.
  std::string lost_output(const std::string& id, const StudyResult& result) const {
    if (result.state == StudyJobState::failed) return "";
    const auto job = job_on_record(id, ledger_);
    if (!job) return "";  // what it wrote is not known
    StudyPlaces places = job->places;
    // The folder may have been moved since.
    places.output = output_;
    for (const auto& file : result.outputs)
      if (const std::string path = places.resolved(file.path); !std::filesystem::exists(path))
        return path;
    return "";
  }

  /// The numbers of jobs by state, and what to do about those that wait for no one.
  std::string numbers(const std::string& output) {
    std::vector<std::string> parts;
    for (const auto& [state, n] : counts_)
      if (state != "earlier") parts.push_back(fmt::format("{} {}", n, state));
    std::string text = fmt::format("jobs planned so far: {}", fmt::join(parts, ", "));
    const bool running = counts_.contains("running"), on_slurm = slurm_ && !end_;
    if (!running && !on_slurm && (counts_.contains("waiting") || ledger_.has_open_call())) {
      text +=
          "; no job is running: the call is either planning or was stopped; to resume, repeat the "
          "command";
      if (!counts_.contains("waiting")) summary_.failures.emplace_back("the call has not ended");
    }
    text += "\n";
    if (const auto n = counts_.find("earlier"); n != counts_.end())
      text += fmt::format(
          "{} of an earlier model or of other choices: their results are still in {}; `run .. "
          "--clean` removes them\n",
          counted(n->second, "job"), output);
    return text;
  }

  std::string output_;
  StudyLedger ledger_;
  std::optional<SlurmCampaign> slurm_;
  std::optional<SlurmEnd> end_;
  std::map<std::string, std::string> tasks_;  ///< of Slurm, by job
  std::set<std::string> earlier_;
  std::map<std::string, size_t> counts_;  ///< by state
  JobSummary summary_;
};

}  // namespace

JobSummary study_status(const std::string& output, bool in_short) {
  return StudyStatus(output).summary(output, in_short);
}

}  // namespace sociometer::jobs
