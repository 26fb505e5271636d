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

/// @throws Error{usage}
void check(const MergeRequest& request);

/// Runs the request common to all shards on their joined permutations, and writes the same files as
/// a run without shards.
/// @throws Error for shards of different runs, missing shards, and changed inputs.
JobSummary merge(const MergeRequest& request, const Session& session);

}  // namespace sociometer::jobs
