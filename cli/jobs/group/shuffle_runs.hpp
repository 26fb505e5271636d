#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::cli {

/// The options of a command that can change a result, by name, defaults included.
Json result_options(const CLI::App& command);

/// Which run shuffles belong to: the program and the processor's arithmetic, the options, the
/// content of the input files, the tests; and, not compared, the command and its folder.
Json shuffle_run_json(const Json& options, const Json& input_files, const Json& tests);

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

}  // namespace sociometer::cli
