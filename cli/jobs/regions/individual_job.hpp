#pragma once
#include "cli/jobs/regions/individual_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Regresses signals in regions on scores of participants, and compares the slopes. The summary has
/// the findings in sentences. Slopes that could not be tested are failures.
JobSummary individual(const IndividualRequest& request, const Session& session);

}  // namespace sociometer::jobs
