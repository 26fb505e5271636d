#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// The parts of all shards of a group analysis, in any order.
struct MergeRequest {
  std::vector<std::string> parts;
  std::string output;
};
SOCIOMETER_FIELDS(MergeRequest) {
  visit("parts", self.parts);
  visit("output", self.output);
}

/// Runs the request that the shards keep on what they have in common, and writes what it would have
/// written without shards.
/// @throws Error for shards of different runs, missing ones, and inputs that have changed.
JobSummary merge(const MergeRequest& request, const Session& session);

}  // namespace sociometer::jobs
