#pragma once
#include "cli/jobs/rsa/rsa_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Compares the similarity of patterns in regions, or around every voxel, with models, in each
/// participant and over them. Writes tables for regions, and a map per participant and model for
/// searchlights. Regions without data in a participant are reported.
/// @throws Error when nothing can be done.
JobSummary rsa(const RsaRequest& request, const Session& session);

}  // namespace sociometer::jobs
