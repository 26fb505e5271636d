#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_request.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::jobs {

/// Which run shuffles belong to: the program and the processor's arithmetic, the request as far as
/// it can change a result, the content of the input files, the tests; and, not compared, how it
/// came about.
Json shuffle_run_json(const GroupRequest& request, const Json& input_files, const Json& tests,
                      const Provenance& provenance);

/// The request of such a run, without what changes no byte of a result.
/// @param where  the file that it is from, for messages.
GroupRequest request_of_run(const Json& run, const std::string& where);

/// How the command of such a run would have come about with another output folder.
Provenance provenance_of_run(const Json& run, const std::string& output);

/// @param a, b  of shuffle_run_json. @param name_a, name_b  where they come from.
/// @throws Error{bad_input} naming the first thing that differs, and both values.
void require_same_run(const Json& a, const std::string& name_a, const Json& b,
                      const std::string& name_b);

/// Parts of one run, one per shard, in their order.
struct ShardParts {  // NOLINT(bugprone-exception-escape)
  std::vector<std::string> paths;
  std::vector<ShufflePart> parts;
};

/// Reads the parts of all shards, given in any order.
/// @throws Error{bad_input} for a shard that is missing, twice, of another run or not done.
ShardParts read_shard_parts(const std::vector<std::string>& paths);

/// All shuffles of each contrast, of parts that read_shard_parts has checked.
std::vector<ShuffleResults> joined_shards(const ShardParts& shards);

}  // namespace sociometer::jobs
