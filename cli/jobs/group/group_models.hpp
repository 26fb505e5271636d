#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// A map of the model beside those of its contrasts.
struct ModelMap {
  std::string stat, description;
  Eigen::MatrixXd values;  ///< (n_voxels, n_volumes)
};

/// The model fitted to every contrast.
// The JSON library checks its invariants where it moves, which only looks like an exception.
struct GroupModelFit {               // NOLINT(bugprone-exception-escape)
  std::vector<GroupMaps> contrasts;  ///< as inputs.contrasts
  std::vector<ModelMap> maps;
  Json json;  ///< what the sidecars say of the method
};

/// Fits the model; adds variance maps to the list of input files, and takes values out of `inputs`
/// that have no usable variance.
GroupModelFit fit_group_model(const GroupRequest& request, GroupInputs& inputs,
                              const Session& session);

/// Queues stat-<..>_statmap of the model.
void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const Json& model);

}  // namespace sociometer::jobs
