#pragma once
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Makes regions from coordinates, atlases, images and other regions, as masks with a table.
JobSummary make_rois(const MakeRequest& request, const Session& session);

}  // namespace sociometer::jobs
