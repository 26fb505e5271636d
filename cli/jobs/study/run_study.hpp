#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/study/slurm_campaign.hpp"
#include "cli/jobs/study/study_plan.hpp"
#include "cli/jobs/study/study_runner.hpp"

namespace sociometer::jobs {

/// How a study is handed to Slurm.
struct SlurmExecution {
  SlurmSettings settings;
  SlurmSubmit submit;
  std::filesystem::path folder;     ///< of its SlurmCampaign, in OUT/logs/sociometer/slurm
  std::optional<StudyStage> ended;  ///< the stage that has ended; none was submitted yet: empty
};

/// How a study's jobs are done; no result depends on it.
struct StudyExecution {
  StudyLimits limits;
  JobLauncher launch;                   ///< none: jobs are done in this process, one after another
  std::optional<SlurmExecution> slurm;  ///< instead of doing the jobs: submit the next stage
  /// Instead of doing the jobs: write those of the next stage, and list the files of those to do.
  bool list_only = false;
  bool dry_run = false, as_json = false;
  /// Remove the results of jobs that the study does not have: of an earlier model or other choices.
  bool clean = false;
  bool report = true;                ///< make the study's pages at the end
  std::vector<std::string> command;  ///< for records: words of the command line
};

/// Analyses a study: plans jobs from the model and does those that are not current. `group` first
/// does what is missing of the participants.
///
/// OUT gets node-NAME/ per node, dataset_description.json, a copy of the model, a methods paragraph
/// and its references, pages (report/, jobs::report), and logs/sociometer (StudyLedger).
/// With `slurm` a call ends when it has submitted a stage, and the text says what; the planner that
/// was submitted calls again, with `ended`.
/// @return the failures of jobs; text: the plan of a dry run, else the findings of regions.
/// @throws Error for a request, model or dataset that cannot be analysed, before any job runs.
JobSummary run_study(const StudyRequest& request, const StudyExecution& execution,
                     const Session& session);

/// Does one job of a plan, from its file: for any scheduler. A job whose predecessors all failed or
/// were not done fails too, by name; a combination of sessions if one of them did.
/// @throws Error as the job.
JobSummary run_study_job(const std::string& job_file, const Session& session);

}  // namespace sociometer::jobs
