#pragma once
#include <string>

#include "cli/commands.hpp"
#include "cli/group_inference.hpp"
#include "cli/group_inputs.hpp"
#include "cli/group_models.hpp"
#include "cli/permutation_options.hpp"
#include "cli/shuffle_runs.hpp"

namespace sociometer::cli {

struct GroupArguments {
  GroupInputArguments inputs;
  GroupModelArguments model;
  GroupInferenceArguments inference;
  GroupPermutationArguments permutation;
  std::string shard, checkpoint;
  double checkpoint_every_s = 60;
  std::string output, prefix, map_type = "float32";
  bool log_p = false;
};

void add_group_options(CLI::App& command, GroupArguments& arguments);

/// What `group` does: statistics, shuffles, tables. With --shard only the shuffles of the shard, in
/// a file of their own.
/// @param options  of the command, by result_options.
/// @param shards   shuffles that are done already: `merge`.
/// @return the exit code.
int run_group(GroupArguments arguments, const GlobalOptions& global, const Json& options,
              const ShardParts* shards = nullptr);

}  // namespace sociometer::cli
