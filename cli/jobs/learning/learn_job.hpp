#pragma once
#include "cli/jobs/learning/learn_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Fits learning models to the choices of a study, compares them, and writes tables, trial-wise
/// signals, and the requested checks. Participants that cannot be read or fitted are
/// excluded and reported.
/// @throws Error when no participant can be fitted, or as check.
JobSummary learn(const LearnRequest& request, const Session& session);

}  // namespace sociometer::jobs
