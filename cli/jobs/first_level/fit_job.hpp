#pragma once
#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Reads and fits the runs of one participant and writes the maps of each contrast, estimates.h5,
/// the designs and the mask. Contrasts that no run can estimate are reported and skipped.
/// @throws Error for an unusable request or unusable files; nothing is written then.
JobSummary fit(const FitRequest& request, const Session& session);

}  // namespace sociometer::jobs
