#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::cli {

/// Which model `group` fits.
struct GroupModelArguments {
  std::string method = "ols", between = "reml";
  std::vector<std::string> variances;
  bool knapp_hartung = false;
  double huber_k = 1.345;
};
void add_group_model_options(CLI::App& command, GroupModelArguments& arguments);

/// Options that contradict each other, before any image is read.
/// @param variances_beside_effects  they are found with the effects.
void check_group_model_options(const GroupModelArguments& arguments, bool variances_beside_effects);

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
/// @param allow_statistics  maps of other statistics are taken for variances.
GroupModelFit fit_group_model(GroupModelArguments arguments, bool allow_statistics,
                              GroupInputs& inputs, int n_threads);

/// Queues stat-<..>_statmap of the model.
void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const Json& model);

}  // namespace sociometer::cli
