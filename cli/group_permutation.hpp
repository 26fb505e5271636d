#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/group_inputs.hpp"
#include "cli/map_writer.hpp"
#include "engine/group/group_fit.hpp"
#include "engine/group/permutation.hpp"

namespace sociometer::cli {

struct GroupPermutationArguments {
  long permutations = 0;
  std::vector<std::string> statistics{"voxel"};
  double cluster_threshold = 0;
  int tfce_connectivity = 6;
  /// As the cluster tables' options say.
  double cluster_p = 0.001;
  int cluster_connectivity = 26;
  std::string sided = "one";
  double tfce_e = 0.5, tfce_h = 2;
  std::string exchange = "auto", block_exchange = "within";
  unsigned long seed = 0;
  std::string tfce_steps = "exact", permute = "statistic";
  bool over_contrasts = false;
  std::string tail = "none";
  double tail_p = 0.1;
};
void add_group_permutation_options(CLI::App& command, GroupPermutationArguments& arguments);

/// @throws Error{usage} for options that contradict each other or the model.
void check_permutation_options(const GroupPermutationArguments& arguments,
                               const GroupInputArguments& inputs, const std::string& method);

/// Runs the permutation tests of all contrasts and queues their maps.
class GroupPermutation {
 public:
  GroupPermutation(const GroupPermutationArguments& arguments, const GroupInputs& inputs);
  void run(MapWriter& writer, OutputSet& outputs, const std::vector<GroupMaps>& maps,
           const Json& model, int n_threads);

 private:
  PermutationOptions options_for(const GroupContrast& contrast, const GroupMaps& maps) const;
  bool in_z(const GroupMaps& maps) const;
  Json json_of(const ContrastPermutation& test, const PermutationOptions& options) const;

  const GroupPermutationArguments& arguments_;
  const GroupInputs& inputs_;
  std::vector<PresencePattern> patterns_;
};

}  // namespace sociometer::cli
