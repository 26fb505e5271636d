#pragma once
#include "cli/jobs/learning/learn_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Fits learning models to the choices of a study, compares them, and writes tables, trial-wise
/// signals, and the checks that are asked for. Participants that cannot be read or fitted are left
/// out and reported.
/// @throws Error when nobody can be fitted, or as check.
JobSummary learn(const LearnRequest& request, const Session& session);

}  // namespace sociometer::jobs
