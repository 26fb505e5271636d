#pragma once
#include <string>

namespace sociometer::cli {

/// One line per option: its group in the help, the name of its value, its choices. An option with
/// the same name but another meaning in another command has a separate line,
/// with the command.
struct DescribedOption {
  const char* name;  ///< without hyphens, or "COMMAND NAME"
  const char* group;
  const char* type;     ///< empty: CLI11's own
  const char* choices;  ///< separated by blanks
};

/// The line of an option; null if it has none.
/// @param command  its path, "roi test".
const DescribedOption* described(const std::string& command, const std::string& name);

/// Groups of options in the help.
inline constexpr const char* kGroupInput = "Input";
inline constexpr const char* kGroupDesign = "Design";
inline constexpr const char* kGroupConfounds = "Confounds and censoring";
inline constexpr const char* kGroupContrasts = "Contrasts";
inline constexpr const char* kGroupNoise = "Noise model";
inline constexpr const char* kGroupPreparation = "Mask, smoothing, scaling";
inline constexpr const char* kGroupModel = "Model";
inline constexpr const char* kGroupColumns = "Made columns";
inline constexpr const char* kGroupTables = "Clusters and tables";
inline constexpr const char* kGroupHeight = "Height";
inline constexpr const char* kGroupSmoothness = "Smoothness";
inline constexpr const char* kGroupShuffles = "Permutations";
inline constexpr const char* kGroupRegions = "Regions";
inline constexpr const char* kGroupValues = "Values";
inline constexpr const char* kGroupTest = "Test";
inline constexpr const char* kGroupBayes = "Effect sizes and Bayes factors";
inline constexpr const char* kGroupStudy = "Study";
inline constexpr const char* kGroupRecovery = "Recovery and checks";
inline constexpr const char* kGroupAssumptions = "Assumed effects and noise";
inline constexpr const char* kGroupPower = "Power";
inline constexpr const char* kGroupVoxelwise = "Voxelwise";
inline constexpr const char* kGroupVoxels = "Importance of voxels";
inline constexpr const char* kGroupOutput = "Output";
inline constexpr const char* kGroupRun = "Run";
inline constexpr const char* kGroupSlurm = "Slurm";

}  // namespace sociometer::cli
