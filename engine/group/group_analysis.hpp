#pragma once
#include <array>
#include <memory>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/group_fit.hpp"
#include "engine/group/group_memory.hpp"
#include "engine/group/mixed_effects.hpp"

namespace sociometer {

/// The model for inference from participants' effects to the population.
enum class GroupMethod {
  ols,    ///< least squares: one variance, or one for each variance group
  mixed,  ///< known first-level variances, estimated between-participant variance
  fixed,  ///< the same without between-participant variance
  robust  ///< Huber's M-estimate
};
constexpr std::array<Name<GroupMethod>, 4> names_of(std::type_identity<GroupMethod>) {
  return {{{GroupMethod::ols, "ols"},
           {GroupMethod::mixed, "mixed"},
           {GroupMethod::fixed, "fixed"},
           {GroupMethod::robust, "robust"}}};
}

/// Whether a method weights by first-level variances.
inline bool takes_variances(GroupMethod method) {
  return method == GroupMethod::mixed || method == GroupMethod::fixed;
}

/// Options of a group fit.
struct GroupModelPlan {
  GroupMethod method = GroupMethod::ols;
  BetweenVariance between = BetweenVariance::reml;  ///< mixed
  bool knapp_hartung = false;                       ///< mixed
  double huber_k = 1.345;                           ///< robust
  std::vector<int> variance_groups;                 ///< of each participant; empty: one. Not robust
  Eigen::Index min_participants = 0;                ///< required per voxel
  GroupMemory memory;                               ///< limits the blocks of voxels
  int n_threads = 1;
};

/// A model fitted to every contrast, one value per voxel. What a method does not provide is empty.
struct GroupFit {
  std::vector<GroupMaps> contrasts;  ///< in the order given
  Eigen::MatrixXd tau2;              ///< mixed: between variance, (n_variance_groups, n_voxels)
  Eigen::VectorXd q;                 ///< mixed and fixed: Cochran's Q of the fixed-effects fit
  Eigen::VectorXd i2;                ///< mixed: share of tau2 in the total
  Eigen::VectorXd scale;             ///< robust: standard deviation of the residuals
  Eigen::VectorXd least_weight;      ///< robust: smallest weight of a participant
  /// Number of effects dropped because their variance is not a positive number, and of voxels with
  /// such effects.
  Eigen::Index n_unusable_effects = 0, n_unusable_voxels = 0;
};

/// Sets effects without a usable variance (zero, negative, not finite) to NaN, i.e. to missing
/// data.
std::shared_ptr<const GroupData> usable_effects(std::shared_ptr<const GroupData> effects,
                                                std::shared_ptr<const GroupData> variances);

/// Fits the model, block by block; the results do not depend on the blocks.
/// @param variances  first-level variances of the effects, for methods that use them; else null.
/// @throws Error{bad_input} when a block does not fit in memory, or as the fit of the method.
GroupFit fit_group(const GroupData& effects, const GroupData* variances, const GroupDesign& design,
                   const std::vector<GroupContrast>& contrasts, const GroupModelPlan& plan);

}  // namespace sociometer
