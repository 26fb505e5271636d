#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/group_record.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// A map of the model, in addition to those of its contrasts.
struct ModelMap {
  std::string stat, description;
  Eigen::MatrixXd values;  ///< (n_voxels, n_volumes)
};

/// The model fitted to every contrast.
struct GroupModelFit {
  std::vector<GroupMaps> contrasts;  ///< as inputs.contrasts
  std::vector<ModelMap> maps;
  GroupMethodRecord record;
};

/// Fits the model; adds variance maps to the list of input files, and removes values without a
/// usable variance from `inputs`.
GroupModelFit fit_group_model(const GroupRequest& request, GroupInputs& inputs,
                              const Session& session);

/// Queues the model's own stat-<..>_statmap images.
void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const GroupFacts& facts);

}  // namespace sociometer::jobs
