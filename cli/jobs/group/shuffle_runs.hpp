#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_request.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::jobs {

/// Identifies the run that permutations belong to: the program and the processor's arithmetic, the
/// result-relevant part of the request, the content of the input files, the tests; and, not
/// compared, its provenance.
Json shuffle_run_json(const GroupRequest& request, const Json& input_files, const Json& tests,
                      const Provenance& provenance);

/// The request of such a run, without fields that change no byte of a result.
/// @param where  the file it was read from, for messages.
GroupRequest request_of_run(const Json& run, const std::string& where);

/// The provenance of such a run with another output folder.
Provenance provenance_of_run(const Json& run, const std::string& output);

/// @param a, b  from shuffle_run_json. @param name_a, name_b  their sources.
/// @throws Error{bad_input} naming the first difference, with both values.
void require_same_run(const Json& a, const std::string& name_a, const Json& b,
                      const std::string& name_b);

/// Parts of one run, one per shard, in shard order.
struct ShardParts {  // NOLINT(bugprone-exception-escape)
  std::vector<std::string> paths;
  std::vector<ShufflePart> parts;
};

/// Reads the parts of all shards, given in any order.
/// @throws Error{bad_input} for a shard that is missing, duplicate, incomplete or of another run.
ShardParts read_shard_parts(const std::vector<std::string>& paths);

/// All permutations of each contrast, from parts checked by read_shard_parts.
std::vector<ShuffleResults> joined_shards(const ShardParts& shards);

}  // namespace sociometer::jobs
