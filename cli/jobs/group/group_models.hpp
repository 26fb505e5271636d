#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// A map of the model, in addition to those of its contrasts.
struct ModelMap {
  std::string stat, description;
  Eigen::MatrixXd values;  ///< (n_voxels, n_volumes)
};

/// The model fitted to every contrast.
// The JSON library asserts invariants in its move operations, which clang-tidy takes for a throw.
struct GroupModelFit {               // NOLINT(bugprone-exception-escape)
  std::vector<GroupMaps> contrasts;  ///< as inputs.contrasts
  std::vector<ModelMap> maps;
  Json json;  ///< sidecar entries of the method
};

/// Fits the model; adds variance maps to the list of input files, and removes values without a
/// usable variance from `inputs`.
GroupModelFit fit_group_model(const GroupRequest& request, GroupInputs& inputs,
                              const Session& session);

/// Queues the model's own stat-<..>_statmap images.
void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const Json& model);

}  // namespace sociometer::jobs
