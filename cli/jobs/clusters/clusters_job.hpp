#pragma once
#include "cli/jobs/clusters/clusters_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Thresholds a map, and writes what passes: the thresholded map, an image of the numbered
/// clusters, and a table of clusters and peaks; the same again for each small volume.
///
/// No cluster is a result as others are: a table without rows, images of zeros.
/// @throws Error{usage, bad_input, shape_mismatch, cannot_write}.
JobSummary clusters(const ClustersRequest& request, const Session& session);

}  // namespace sociometer::jobs
