#pragma once
#include <string>
#include <vector>

#include "cli/jobs/study/study_plan.hpp"
#include "cli/jobs/study/study_runner.hpp"

namespace sociometer::jobs {

/// How a study's jobs are done; no result depends on it.
struct StudyExecution {
  StudyLimits limits;
  JobLauncher launch;  ///< none: jobs are done in this process, one after another
  bool dry_run = false, as_json = false;
  std::vector<std::string> command;  ///< what records say: words of the command line
};

/// Analyses a study: plans jobs from the model and does those that are not current. `group` first
/// does what is missing of the participants.
///
/// OUT gets node-NAME/ per node, dataset_description.json, a copy of the model, a methods paragraph
/// and its references, and logs/sociometer (StudyLedger).
/// @return the failures of jobs; text: the plan of a dry run, else the findings of regions.
/// @throws Error for a request, model or dataset that cannot be analysed, before any job runs.
JobSummary run_study(const StudyRequest& request, const StudyExecution& execution,
                     const Session& session);

/// Does one job of a plan, from its file: for any scheduler.
/// @throws Error as the job.
JobSummary run_study_job(const std::string& job_file, const Session& session);

/// What is done, running, failed and waiting, as a table.
JobSummary study_status(const std::string& output);

}  // namespace sociometer::jobs
