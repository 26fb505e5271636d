#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"
#include "engine/group/spatial_statistics.hpp"
#include "engine/group/tail_approximation.hpp"

namespace sociometer::cli {

struct GroupPermutationArguments {
  long permutations = 0;
  std::vector<std::string> statistics{"voxel"};
  std::optional<double> cluster_threshold;
  int tfce_connectivity = 6;
  /// As the cluster tables' options say.
  double cluster_p = 0.001;
  int cluster_connectivity = 26;
  std::string sided = "one";
  double tfce_e = 0.5, tfce_h = 2;
  std::string exchange = "auto", block_exchange = "within";
  unsigned long seed = 0;
  std::string tfce_steps = "exact", permute = "statistic";
  bool over_contrasts = false, tfce_uncorrected = false;
  std::string tail = "none";
  double tail_p = 0.1;
};
void add_group_permutation_options(CLI::App& command, GroupPermutationArguments& arguments);

/// @throws Error{usage} for options that contradict each other or the model.
void check_permutation_options(const GroupPermutationArguments& arguments,
                               const std::string& method);

}  // namespace sociometer::cli
