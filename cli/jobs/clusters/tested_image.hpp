#pragma once
#include <limits>
#include <string>
#include <vector>

#include "cli/jobs/clusters/clusters_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/cluster_report.hpp"

namespace sociometer::jobs {

/// The map of a request as it is thresholded, in its mask.
struct TestedImage {
  Mask mask;
  TestedMap map;
  bool known = true;   ///< whether the statistic has a distribution
  std::string word;    ///< of the values in names: "t", "F", "z", "effect", ..
  std::string source;  ///< what states the statistic: "sidecar", "--statistic", ..
  /// Degrees of freedom of t, or the denominator's of F; infinite otherwise.
  double dof = std::numeric_limits<double>::infinity();
  Json contrast;  ///< of the sidecar; null if it has none
  std::vector<InputFile> files;
};

/// Reads the map and the mask.
/// @throws Error{bad_input} for a map of several volumes, one without values, and a statistic or
/// degrees of freedom that are needed but not stated; Error{shape_mismatch} for another grid.
TestedImage read_tested_image(const ClustersRequest& request, const Session& session);

}  // namespace sociometer::jobs
