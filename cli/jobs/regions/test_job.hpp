#pragma once
#include "cli/jobs/regions/test_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Tests each region and contrast of a table of region values. Tests that could not be done are
/// failures.
JobSummary test_regions(const TestRequest& request, const Session& session);

}  // namespace sociometer::jobs
