#pragma once
#include <string>
#include <vector>

#include "cli/jobs/study/study_inputs.hpp"
#include "cli/jobs/study/study_job.hpp"

namespace sociometer::jobs {

/// The job that fits learning models to everyone's choices, if a Run node's Learners ask for
/// signals: one job for the whole dataset, since models may pool participants. It writes
/// OUT/learning.
std::vector<StudyJob> plan_learning(const StudyRequest& request);

/// The events of a run with the signals of each trial, as plan_learning's job writes them.
std::string signals_path(const StudyRequest& request, const std::string& events);

}  // namespace sociometer::jobs
