#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_fit.hpp"

namespace sociometer {

/// What a voxelwise group model other than ordinary least squares gives; NaN where it has no
/// numbers.
struct GroupModelMaps {
  std::vector<GroupMaps> contrasts;
  Eigen::MatrixXd betas;            ///< (n_columns, n_voxels)
  Eigen::VectorXd n, dof;           ///< participants present and degrees of freedom of each voxel
  std::vector<GroupStatus> status;  ///< (n_voxels)

  /// NaN everywhere, of the right sizes. @param contrasts  (rows, n_columns) each.
  GroupModelMaps() = default;
  GroupModelMaps(Eigen::Index n_voxels, Eigen::Index n_columns,
                 const std::vector<Eigen::MatrixXd>& contrasts);
  /// z, p, degrees of freedom and status of each contrast, once all voxels have a statistic.
  /// @cost  one tail table for each number of degrees of freedom that many voxels have.
  void finish();
  /// Puts voxels [first, ..) of `part`, which is not finished, into those of all n_voxels.
  void put(const GroupModelMaps& part, Eigen::Index first, Eigen::Index n_voxels);
};

/// Effect, variance and t or F of one voxel.
/// @param factor     Cholesky factor of X'WX; `inflation` multiplies its inverse.
void put_contrast(GroupMaps& maps, const Eigen::MatrixXd& contrast, Eigen::Index voxel,
                  const Eigen::VectorXd& beta, const Eigen::MatrixXd& factor, double inflation);

/// Checks what all models need.
/// @throws Error{shape_mismatch} for sizes that differ, Error{bad_input} for a design that has not
/// full rank or no residual degrees of freedom.
void check_group_model(Eigen::Index n_participants, const Eigen::Ref<const Eigen::MatrixXd>& design,
                       const std::vector<Eigen::MatrixXd>& contrasts);

}  // namespace sociometer
