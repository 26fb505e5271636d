#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_naming.hpp"
#include "cli/jobs/group/group_rows.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/group_design.hpp"
#include "engine/group/group_memory.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// What `group` reads.
struct GroupInputArguments {
  EffectArguments effects;
  GroupDesignArguments design;
  std::vector<std::string> contrasts, f_contrasts, contrast_files;
  std::string mask, blocks, variance_groups, zeros = "missing";
  int min_participants = 0;     ///< 0: all
  std::string memory, scratch;  ///< --memory SIZE; folder of the scratch file
  /// What the data are for, to tell whether they fit into memory.
  bool smoothness = false;  ///< of residuals is needed
  bool with_shuffles = false, with_variances = false;
};
void add_group_input_options(CLI::App& command, GroupInputArguments& arguments);

/// Effects of a group, its design and who belongs together.
struct GroupInputs {
  Mask mask;
  std::shared_ptr<const GroupData> data;  ///< effects, NaN where missing
  GroupMemory memory;
  std::string scratch;                          ///< folder of the scratch file
  std::vector<Observation> rows;                ///< maps, or differences of two
  std::vector<std::string> names;               ///< of the rows, for messages
  std::vector<std::string> effects, variances;  ///< files that are read; variances of folders
  GroupNaming naming;
  GroupDesign design;
  std::vector<GroupContrast> contrasts;
  std::vector<int> blocks;              ///< exchangeability block of each row; may be empty
  bool blocks_of_participants = false;  ///< they are not --blocks but the participants
  std::vector<int> variance_groups;     ///< may be empty
  Eigen::Index min_participants = 0;
  Json files = Json::array();      ///< paths and checksums
  Json design_json, effects_json;  ///< how the design was made; what the maps are of
};

/// "500M", "8G", "1.5T": bytes, with K, M, G and T as powers of 1024.
/// @throws Error{usage}.
double parse_memory(const std::string& text);

/// Options that contradict each other, before any file is read.
/// @param permuted  there are --permutations.
void check_group_input_options(const GroupInputArguments& arguments, bool permuted);

/// Reads and checks everything; the design and the contrasts before any image.
/// @param with_variances  the variance maps beside the effects in folders are wanted.
/// @throws Error naming the files.
GroupInputs load_group_inputs(const GroupInputArguments& arguments, bool with_variances,
                              int n_threads);

}  // namespace sociometer::cli
