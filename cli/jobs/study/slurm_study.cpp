#include "cli/jobs/study/slurm_study.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/jobs/study/run_study.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

constexpr auto kBetweenLooks = std::chrono::seconds(2);
constexpr int kLooksBetweenQuestions = 15;  ///< Slurm is asked less often than the folder

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void require_sbatch(const SlurmProgram& slurm) {
  try {
    if (slurm({"sbatch", "--version"}).status == 0) return;
  } catch (const Error&) {
  }
  fail(ErrorCode::usage,
       "--slurm needs sbatch, which cannot be run here; any other scheduler can do each job with "
       "`sociometer run --job OUT/logs/sociometer/jobs/ID.json`");
}

StudyRequest with_absolute_paths(StudyRequest a) {
  const auto absolute = [](std::string& path) {
    if (!path.empty()) path = absolute_path(path);
  };
  for (auto* path : {&a.bids, &a.output, &a.model, &a.filter.file}) absolute(*path);
  for (auto& path : a.derivatives) path = derivatives_folder(path);
  return a;
}

/// Whether Slurm knows of the job as waiting or running. If Slurm cannot be asked, it does.
bool is_queued(const SlurmProgram& slurm, const std::string& id) {
  const SlurmReply said = slurm({"squeue", "--noheader", "--jobs=" + id});
  if (said.status != 0) return said.err.find("Invalid job id") == std::string::npos;
  return !said.out.empty();
}

/// Waits until the last planner has recorded how the study ended.
SlurmEnd end_of(const SlurmCampaign& campaign, const SlurmProgram& slurm) {
  for (int looks = 1;; ++looks) {
    if (const auto end = campaign.end()) return *end;
    if (looks % kLooksBetweenQuestions == 0) {
      const std::string planner = campaign.last_planner();
      // A planner that has just ended submitted another, or wrote the end.
      if (!is_queued(slurm, planner) && planner == campaign.last_planner() && !campaign.end())
        fail(ErrorCode::bad_input,
             "the planner, Slurm job {}, ended before the study did; see plan_*.log in {}, and "
             "call run again",
             planner, campaign.folder().string());
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

/// The folder of a new campaign: names begin with the time.
fs::path new_folder(const StudyRequest& request) {
  std::string name = utc_now();
  std::erase(name, ':');
  return StudyLedger(request.output).folder() / "slurm" / fmt::format("{}-{}", name, ::getpid());
}

}  // namespace

SlurmSubmit submission_by(const SlurmProgram& slurm) {
  return [slurm](const std::vector<std::string>& arguments) {
    std::vector<std::string> words{"sbatch"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const SlurmReply said = slurm(words);
    const std::string id = first_line(said.out).substr(0, first_line(said.out).find(';'));
    if (said.status != 0 || id.empty())
      fail(ErrorCode::usage, "sbatch did not take a job (exit code {}): {}", said.status,
           first_line(said.err));
    return id;
  };
}

JobSummary submit_study(const SlurmStudy& study, const SlurmProgram& slurm,
                        const std::function<void(const std::string&)>& announce,
                        const Session& session) {
  require_sbatch(slurm);
  const StudyRequest request = with_absolute_paths(study.request);
  const fs::path folder = new_folder(request);
  StudyExecution execution;
  execution.limits.stop_at_failure = study.stop_at_failure;
  execution.command = study.command;
  execution.report = study.report;
  execution.slurm = SlurmExecution{study.settings, submission_by(slurm), folder, std::nullopt};
  JobSummary summary = run_study(request, execution, session);
  const SlurmCampaign campaign(folder);
  if (!campaign.exists()) return summary;
  if (!study.wait) {
    summary.text += fmt::format("state of the study: sociometer status {}\n", study.request.output);
    return summary;
  }
  announce(summary.text);
  const SlurmEnd end = end_of(campaign, slurm);
  if (!end.error.empty()) fail(end.code, "{}", end.error);
  return {end.failures, end.text};
}

JobSummary continue_study(const std::string& stage_file, const SlurmProgram& slurm,
                          const Session& session) {
  const fs::path file = fs::absolute(stage_file).lexically_normal();
  const SlurmCall call = SlurmCampaign(file.parent_path()).call();
  const auto stage = value_of<StudyStage>(file.stem().string(), "stage");
  StudyExecution execution;
  execution.limits.stop_at_failure = call.stop_at_failure;
  execution.command = call.command;
  execution.report = call.report;
  execution.slurm = SlurmExecution{call.settings, submission_by(slurm), file.parent_path(), stage};
  Session own = session;
  own.overwrite = call.overwrite;
  own.reads_since = ReadMark::now();  // what was called is no input of the study
  return run_study(call.request, execution, own);
}

}  // namespace sociometer::jobs
