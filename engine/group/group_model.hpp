#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_fit.hpp"

namespace sociometer {

/// Results of voxelwise group models other than ordinary least squares; NaN where
/// undefined.
struct GroupModelMaps {
  std::vector<GroupMaps> contrasts;
  Eigen::MatrixXd betas;            ///< (n_columns, n_voxels)
  Eigen::VectorXd n, dof;           ///< participants present and degrees of freedom of each voxel
  std::vector<GroupStatus> status;  ///< (n_voxels)

  /// NaN everywhere, with the right sizes. @param contrasts  (rows, n_columns) each.
  GroupModelMaps() = default;
  GroupModelMaps(Eigen::Index n_voxels, Eigen::Index n_columns,
                 const std::vector<Eigen::MatrixXd>& contrasts);
  /// Computes z, p, degrees of freedom and status of each contrast, once all statistics are set.
  /// @cost  one tail table for each value of the degrees of freedom shared by many voxels.
  void finish();
  /// Copies voxels [first, ..) of `part`, before finish(), into those of all n_voxels.
  void put(const GroupModelMaps& part, Eigen::Index first, Eigen::Index n_voxels);
};

/// Effect, variance and t or F of one voxel.
/// @param factor     Cholesky factor of X'WX; `inflation` multiplies its inverse.
void put_contrast(GroupMaps& maps, const Eigen::MatrixXd& contrast, Eigen::Index voxel,
                  const Eigen::VectorXd& beta, const Eigen::MatrixXd& factor, double inflation);

/// Checks common to all models.
/// @throws Error{shape_mismatch} for inconsistent sizes, Error{bad_input} for a design without
/// full rank or without residual degrees of freedom.
void check_group_model(Eigen::Index n_participants, const Eigen::Ref<const Eigen::MatrixXd>& design,
                       const std::vector<Eigen::MatrixXd>& contrasts);

}  // namespace sociometer
