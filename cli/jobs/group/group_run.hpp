#pragma once
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/shuffle_runs.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// A group analysis: statistics, permutations, tables. With a shard, only its permutations, in a
/// separate file.
/// @param shards  permutations that were done earlier: `merge`.
/// @throws Error as check(request), and naming files that are inconsistent.
JobSummary run_group(const GroupRequest& request, const Session& session,
                     const ShardParts* shards = nullptr);

}  // namespace sociometer::jobs
