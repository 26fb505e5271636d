#pragma once
#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Effects, conjunction and the signals that each voxel follows, for each pair of the signal sets;
/// with a reference region also the crossover with it.
JobSummary dissociate_voxelwise(const DissociateRequest& request, const Session& session);

}  // namespace sociometer::jobs
