#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Designs with their diagnostics, without images.
struct DesignJobRequest {
  DesignRequest design;
  std::vector<long> n_scans;  ///< of each run, or one for all
  std::string output, prefix;
};
SOCIOMETER_FIELDS(DesignJobRequest) {
  visit("design", self.design);
  visit("n_scans", self.n_scans);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const DesignJobRequest& request);

/// Writes each run's design.tsv, .json, .png, VIF and correlations, and efficiencies of contrasts.
/// @throws Error for an unusable request or unusable files; nothing is written then.
JobSummary design(const DesignJobRequest& request, const Session& session);

}  // namespace sociometer::jobs
