#pragma once
#include "cli/jobs/report/report_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Writes pages from the records and maps below a folder: index.html for what is of all
/// participants (or of the only one), sub-X/index.html for each participant beside it. Images of
/// time series are not opened. A former report of the same folder is replaced.
///
/// A record that cannot be read is a warning, and named on the page.
/// @throws Error{bad_input} if there is nothing to report; Error{usage, cannot_write}.
JobSummary report(const ReportRequest& request, const Session& session);

}  // namespace sociometer::jobs
