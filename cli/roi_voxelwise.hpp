#pragma once
#include <string>
#include <vector>

#include "cli/cli11_declarations.hpp"
#include "cli/commands.hpp"

namespace sociometer::cli {

/// Options of the voxelwise dissociation.
struct VoxelwiseArguments {
  std::vector<std::string> maps;
  std::string mask, correction = "none", map_type = "float32";
  double threshold_p = 0.001;
  long min_participants = 2;
  bool negative = false;
};
void add_voxelwise_options(CLI::App& command, VoxelwiseArguments& arguments);

/// Conjunction, difference and the places of each signal alone, for each pair of the signal sets.
int dissociate_voxelwise(const VoxelwiseArguments& arguments,
                         const std::vector<std::vector<std::string>>& signal_sets,
                         const std::string& prefix, const std::string& output,
                         const GlobalOptions& global);

}  // namespace sociometer::cli
