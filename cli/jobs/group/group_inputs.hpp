#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_naming.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/group_rows.hpp"
#include "cli/jobs/session.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/group_design.hpp"
#include "engine/group/group_memory.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {

/// The effects of a group, its design, and which rows belong together.
struct GroupInputs {
  Mask mask;
  std::shared_ptr<const GroupData> data;  ///< effects, NaN where missing
  GroupMemory memory;
  std::string scratch;                          ///< folder of the scratch file
  std::vector<Observation> rows;                ///< maps, or differences of two
  std::vector<std::string> names;               ///< of the rows, for messages
  std::vector<std::string> effects, variances;  ///< files that are read; variances in folders
  GroupNaming naming;
  GroupDesign design;
  std::vector<GroupContrast> contrasts;
  std::vector<int> blocks;              ///< exchangeability block of each row; may be empty
  bool blocks_of_participants = false;  ///< they are the participants, not --blocks
  std::vector<int> variance_groups;     ///< may be empty
  Eigen::Index min_participants = 0;
  Json files = Json::array();      ///< paths and checksums
  Json design_json, effects_json;  ///< how the design was made; description of the maps
};

/// Reads and checks everything; the design and the contrasts before any image.
/// @throws Error naming the files.
GroupInputs load_group_inputs(const GroupRequest& request, const Session& session);

}  // namespace sociometer::jobs
