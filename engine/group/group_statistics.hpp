#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Why a voxel of a group analysis has no numbers.
enum class GroupVoxelStatus : uint8_t {
  ok = 0,
  too_few = 1,   ///< fewer participants than asked for, or than the design has columns plus one
  singular = 2,  ///< the design of the participants present has not full rank
  constant = 3   ///< the participants' values leave no residual
};

/// One t or F contrast of a group model at every voxel.
struct GroupContrastMaps {
  Eigen::MatrixXd effect;           ///< (rows, n_voxels)
  Eigen::MatrixXd variance;         ///< (rows, n_voxels), squared standard error of each row
  Eigen::VectorXd statistic, z, p;  ///< t (one row) or F; p is one-sided for t
};

/// What a voxelwise group model gives.
struct GroupModelMaps {
  std::vector<GroupContrastMaps> contrasts;
  Eigen::MatrixXd betas;        ///< (n_columns, n_voxels)
  Eigen::VectorXd n, dof;       ///< participants present and degrees of freedom of each voxel
  std::vector<uint8_t> status;  ///< GroupVoxelStatus
};

/// z and p of a statistic whose degrees of freedom differ from voxel to voxel.
///
/// @param rows  of the contrast; 1 is t.
/// @cost  one tail table for each distinct number of degrees of freedom that many voxels have.
void fill_tails(GroupContrastMaps& maps, const Eigen::VectorXd& dof, Eigen::Index rows);

}  // namespace sociometer
