#pragma once
#include <string>
#include <vector>

#include "cli/commands/commands.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/roi/verdict.hpp"

namespace sociometer::cli {

/// Options of the voxelwise dissociation.
struct VoxelwiseArguments {
  std::vector<std::string> maps;
  std::string mask, reference, correction = "none", map_type = "float32";
  double threshold_p = 0.001;
  long min_participants = 2;
  bool negative = false;
};
void add_voxelwise_options(CLI::App& command, VoxelwiseArguments& arguments);

/// Effects, conjunction and which signals each voxel follows, for each pair of the signal sets;
/// with a reference region also the crossover with it.
int dissociate_voxelwise(const VoxelwiseArguments& arguments, const EvidenceRule& rule,
                         const std::vector<std::vector<std::string>>& signal_sets,
                         const std::string& prefix, const std::string& output,
                         const GlobalOptions& global);

}  // namespace sociometer::cli
