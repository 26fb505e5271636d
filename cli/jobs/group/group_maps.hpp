#pragma once
#include <array>
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/group_record.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// What all maps of a contrast say of it.
ContrastRecord group_contrast_record(const GroupContrast& contrast, const GroupMaps& maps);

/// Queues the effect, variance, statistic, z and p maps, and the map of the degrees of freedom
/// if they differ between voxels.
void add_group_maps(MapWriter& writer, const GroupNaming& naming, const GroupContrast& contrast,
                    const GroupMaps& maps, const GroupFacts& facts);

/// Queues the number of participants at each voxel, unless it is the same everywhere.
void add_presence_map(MapWriter& writer, const GroupInputs& inputs, const GroupFacts& facts);

/// design.tsv: the design row and path of each map.
std::string group_design_tsv(const GroupInputs& inputs);

/// Voxels without a statistic, by reason.
class FailedVoxels {
 public:
  void count(const GroupMaps& maps);
  /// Reports how many there are.
  /// @return the reported line if no voxel of some contrast has a statistic.
  std::vector<std::string> report(Journal& journal) const;

 private:
  std::array<long, 4> counts_{};
  bool failed_ = false;
};

/// "<naming of the contrast>_stat-<what>_statmap".
std::string group_map_name(const GroupNaming& naming, const GroupContrast& contrast,
                           const std::string& what);

}  // namespace sociometer::jobs
