#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/session.hpp"
#include "cli/jobs/trials/trial_tables.hpp"
#include "cli/jobs/trials/trials_request.hpp"
#include "engine/glm/first_level_memory.hpp"

namespace sociometer::jobs {

/// What `trials` will take and write, known before its images are read.
struct TrialsForecast {
  const TrialsRequest& request;
  const FitInputs& runs;
  const Mask& mask;
  const std::vector<ListedTrial>& trials;

  /// With a response for each voxel: of choosing or of fitting, whichever takes more.
  FirstLevelMemory memory() const;
  /// Runs to fit side by side: as many as are wanted and fit into the memory.
  /// @param allowed  bytes; 0: no limit.
  /// @throws Error{bad_input} if not even one fits.
  int runs_in(double allowed) const;
  /// Files that will be written.
  std::vector<std::string> outputs(const Provenance& provenance) const;
  /// The answer to --dry-run.
  /// @param failures  what the job would report as such.
  JobSummary summary(const Session& session, std::vector<std::string> failures) const;
};

}  // namespace sociometer::jobs
