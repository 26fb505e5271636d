#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/group/mixed_effects.hpp"

namespace sociometer {

/// fit_mixed_effects with one between-participant variance per group, voxel by voxel.
///
/// The REML slope of group g is 1/2 (sum over g of (Py)_i^2 - P_ii), the information of g and h 1/2
/// the sum of P_ij^2; steps are halved until the restricted likelihood does not decrease, and a
/// variance that reaches 0 with a negative slope stays there.
/// @cost  n^2 per voxel and step.
MixedEffectsMaps fit_grouped_variances(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                                       const Eigen::Ref<const Eigen::MatrixXd>& variances,
                                       const Eigen::Ref<const Eigen::MatrixXd>& design,
                                       const std::vector<Eigen::MatrixXd>& contrasts,
                                       Eigen::Index n_groups, const MixedOptions& options);

}  // namespace sociometer
