#pragma once
#include "cli/jobs/mixed/mixed_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Fits a mixed model to the rows of tables, and a mediation beside it or instead. The summary has
/// the findings in sentences. A fit that has not converged is a failure.
JobSummary mixed(const MixedRequest& request, const Session& session);

}  // namespace sociometer::jobs
