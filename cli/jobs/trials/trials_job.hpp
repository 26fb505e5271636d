#pragma once
#include "cli/jobs/session.hpp"
#include "cli/jobs/trials/trials_request.hpp"

namespace sociometer::jobs {

/// Estimates the amplitude of every trial and writes the table of trials, and as requested images,
/// averages and region means. Trials without an amplitude are reported, and have the reason in the
/// table.
/// @throws Error when nothing can be done.
JobSummary trials(const TrialsRequest& request, const Session& session);

}  // namespace sociometer::jobs
