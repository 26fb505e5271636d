#pragma once
#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Determines which region follows which signal, from a table of region values (the summary has the
/// findings in sentences), or voxel by voxel from maps.
JobSummary dissociate_regions(const DissociateRequest& request, const Session& session);

}  // namespace sociometer::jobs
