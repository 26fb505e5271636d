#include "cli/jobs/group/merge_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {

void check(const MergeRequest& a) { require_given(!a.parts.empty(), "the files of the shards"); }

JobSummary merge(const MergeRequest& a, const Session& session) {
  check(a);
  const ShardParts shards = read_shard_parts(a.parts);
  const std::string& first = shards.paths[0];
  const ShuffleRun run = shuffle_run_in(shards.parts[0].run, first);
  GroupRequest request = with_moved_files(request_of_run(run, first), run, first);
  request.output = a.output;
  Session as_group = session;
  as_group.provenance = provenance_of_run(run, a.output);
  try {
    return run_group(request, as_group, &shards);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cannot_write) throw;
    throw Error(error.code(), fmt::format("{} (shard 1 ran in {}; merge reads the same files)",
                                          error.what(), run.folder));
  }
}

}  // namespace sociometer::jobs
