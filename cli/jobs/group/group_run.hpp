#pragma once
#include <string>

#include "cli/commands/commands.hpp"
#include "cli/jobs/group/group_inference.hpp"
#include "cli/jobs/group/group_inputs.hpp"
#include "cli/jobs/group/group_models.hpp"
#include "cli/jobs/group/shuffle_runs.hpp"
#include "cli/options/permutation_options.hpp"

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
