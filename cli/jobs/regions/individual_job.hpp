#pragma once
#include "cli/jobs/regions/individual_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Slopes of signals in regions on scores of participants, and which of them differ. The summary
/// has the findings in sentences. Slopes that could not be tested are a failure.
JobSummary individual(const IndividualRequest& request, const Session& session);

}  // namespace sociometer::jobs
