#pragma once
#include <string>
#include <vector>

#include "cli/jobs/study/study_inputs.hpp"
#include "cli/jobs/study/study_job.hpp"

namespace sociometer::jobs {

/// The job that fits learning models to everyone's choices, if a node's Learners ask for signals:
/// one job for the whole dataset, since models may pool participants. It writes OUT/learning.
/// @throws Error{bad_input} for learners of two nodes, or of two tasks.
std::vector<StudyJob> plan_learning(const StudyRequest& request, const StatsModel& model);

/// The events of a run with the signals of each trial, as plan_learning's job writes them.
std::string signals_path(const StudyRequest& request, const std::string& events);

}  // namespace sociometer::jobs
