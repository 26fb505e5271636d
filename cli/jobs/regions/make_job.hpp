#pragma once
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Regions from coordinates, atlases, images and each other, as masks with a table.
JobSummary make_rois(const MakeRequest& request, const Session& session);

}  // namespace sociometer::jobs
