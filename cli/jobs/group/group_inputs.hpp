#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_naming.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/group_rows.hpp"
#include "cli/jobs/read_files.hpp"
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
  ReadFiles read;                     ///< files read so far
  std::vector<InputFile> files;       ///< in the order of the record
  GroupDesignRecord design_record;    ///< how the design was made
  GroupEffectsRecord effects_record;  ///< what is known of the maps
};

/// Reads and checks everything; the design and the contrasts before any image.
/// @throws Error naming the files.
GroupInputs load_group_inputs(const GroupRequest& request, const Session& session);

/// The answer to --dry-run: what a group analysis would do. The maps' headers are read, and their
/// voxels only if `--mask` is given: else the grid's are the most that the maps can share.
/// @throws Error as load_group_inputs for what can be seen without the values.
JobSummary forecast_group(const GroupRequest& request, const Session& session);

}  // namespace sociometer::jobs
