#pragma once
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/shuffle_runs.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// A group analysis: statistics, shuffles, tables. With a shard only the shuffles of the shard, in
/// a file of their own.
/// @param shards  shuffles that are done already: `merge`.
/// @throws Error as check(request), and naming files that do not fit together.
JobSummary run_group(const GroupRequest& request, const Session& session,
                     const ShardParts* shards = nullptr);

}  // namespace sociometer::jobs
