#pragma once
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/session.hpp"
#include "engine/glm/first_level_memory.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {

/// What a fit will take and write, known before its images are read.
struct FitForecast {
  const FitRequest& request;
  const FirstLevel& first;
  const RunDesigns& designs;
  const std::vector<NiftiHeader>& headers;  ///< of the images, one per run
  Eigen::Index n_voxels;                    ///< of the mask
  bool computes_mask;

  FirstLevelSize size() const;
  FirstLevelMemory memory() const;
  /// Runs to fit side by side: as many as are wanted and fit into the memory.
  /// @param allowed  bytes; 0: no limit.
  /// @throws Error{bad_input} if not even one fits.
  int runs_in(double allowed) const;
  /// Files that the fit will write; the map of voxels without statistics comes if there are such.
  std::vector<std::string> outputs(const Provenance& provenance) const;
  /// The answer to --dry-run.
  JobSummary summary(const Session& session) const;
};

}  // namespace sociometer::jobs
