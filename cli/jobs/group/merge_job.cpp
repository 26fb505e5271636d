#include "cli/jobs/group/merge_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {

JobSummary merge(const MergeRequest& a, const Session& session) {
  require_given(!a.parts.empty(), "the files of the shards");
  const ShardParts shards = read_shard_parts(a.parts);
  const Json& run = shards.parts[0].run;
  GroupRequest request = request_of_run(run, shards.paths[0]);
  request.output = a.output;
  const Session as_group{session.threads, session.journal, provenance_of_run(run, a.output),
                         session.overwrite};
  try {
    return run_group(request, as_group, &shards);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cannot_write) throw;
    throw Error(error.code(), fmt::format("{} (shard 1 ran in {}; merge reads the same files)",
                                          error.what(), run.value("Folder", "")));
  }
}

}  // namespace sociometer::jobs
