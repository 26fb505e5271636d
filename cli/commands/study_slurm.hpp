#pragma once
#include "cli/commands/commands.hpp"
#include "cli/options/study_options.hpp"

namespace sociometer::cli {

/// `run --slurm`: submits the study, or what of it is next, and waits for its end if asked to.
/// @throws Error{usage} without sbatch, or if Slurm does not take a job.
JobSummary run_on_slurm(const StudyRunOptions& options, const Shell& shell);

/// `run --slurm-continue STAGE`: what a planner does when a stage has ended.
JobSummary continue_on_slurm(const std::string& stage_file, const Shell& shell);

}  // namespace sociometer::cli
