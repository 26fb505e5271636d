#pragma once
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Writes region values into one table, or regional time courses into one table per series.
/// Failures are participants that could not be read, and regions that some map does not cover.
JobSummary extract(const ExtractRequest& request, const Session& session);

}  // namespace sociometer::jobs
