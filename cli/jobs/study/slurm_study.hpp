#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "cli/jobs/study/slurm_campaign.hpp"

namespace sociometer::jobs {

/// What a program of Slurm printed, and how it ended.
struct SlurmReply {
  int status = 0;  ///< 0: done
  std::string out, err;
};

/// Runs a program of Slurm by its words ("sbatch", its arguments) and waits for it.
/// @throws Error{usage} if there is no such program.
using SlurmProgram = std::function<SlurmReply(const std::vector<std::string>& words)>;

/// A study that Slurm carries out.
struct SlurmStudy {
  StudyRequest request;
  SlurmSettings settings;
  bool stop_at_failure = false;
  bool report = true;                ///< the last planner makes the study's pages
  bool wait = false;                 ///< until the last planner has recorded how the study ended
  std::vector<std::string> command;  ///< for records: words of the command line
};

/// Submits the study, or what of it is next.
/// @param announce  takes what was submitted, before a study is waited for.
/// @throws Error{usage} without sbatch, or if Slurm does not take a job; how the study ended.
JobSummary submit_study(const SlurmStudy& study, const SlurmProgram& slurm,
                        const std::function<void(const std::string&)>& announce,
                        const Session& session);

/// What a planner does when a stage has ended: it settles what its jobs left and submits the next.
/// @param stage_file  STAGE of the campaign's folder, see SlurmCampaign.
JobSummary continue_study(const std::string& stage_file, const SlurmProgram& slurm,
                          const Session& session);

/// Submits by sbatch. Its ids are those of jobs, without the cluster that sbatch adds on sites with
/// several (";CLUSTER").
SlurmSubmit submission_by(const SlurmProgram& slurm);

}  // namespace sociometer::jobs
