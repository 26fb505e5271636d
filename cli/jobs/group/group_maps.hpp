#pragma once
#include <array>
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// What the sidecar of every map of a contrast says of it.
Json group_contrast_json(const GroupContrast& contrast, const GroupMaps& maps);

/// Queues the effect, variance, statistic, z and p maps, and the map of the degrees of freedom
/// where they differ between voxels.
void add_group_maps(MapWriter& writer, const GroupNaming& naming, const GroupContrast& contrast,
                    const GroupMaps& maps, const Json& model);

/// Queues the number of participants of each voxel when they are not all everywhere.
void add_presence_map(MapWriter& writer, const GroupInputs& inputs, const Json& model);

/// design.tsv: the row of each map and its path.
std::string group_design_tsv(const GroupInputs& inputs);

/// Voxels without a statistic, by reason.
class FailedVoxels {
 public:
  void count(const GroupMaps& maps);
  /// Tells how many there are.
  /// @return the line that was told if a contrast has no voxel with a statistic at all.
  std::vector<std::string> report(Journal& journal) const;

 private:
  std::array<long, 4> counts_{};
  bool failed_ = false;
};

/// "<naming of the contrast>_stat-<what>_statmap".
std::string group_map_name(const GroupNaming& naming, const GroupContrast& contrast,
                           const std::string& what);

}  // namespace sociometer::jobs
