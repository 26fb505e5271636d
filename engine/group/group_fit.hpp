#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_design.hpp"
#include "engine/group/presence.hpp"

namespace sociometer {

/// Squared residuals below this share of the squared data are rounding error.
inline constexpr double kNoResidual = 1e-24;

/// Why a voxel has no group statistic.
enum class GroupStatus : uint8_t {
  ok = 0,
  too_few = 1,        ///< fewer participants than required
  not_estimable = 2,  ///< not estimable from the participants present
  no_variance = 3,    ///< no residual: no variance to test against
};

/// Maps of one contrast over a group. Voxels without a statistic are NaN.
struct GroupMaps {
  Eigen::MatrixXd effect, variance;  ///< (n_rows, n_voxels); variance is that of each row
  Eigen::VectorXd statistic, z, p;   ///< t or F (v or G with variance groups); p one-sided
  Eigen::VectorXd dof;               ///< (n_voxels): of t, or the denominator of F
  double numerator_dof = 0;          ///< of F, else 0
  std::vector<GroupStatus> status;   ///< (n_voxels)
};

/// Copies values of voxels [first, ..) into those of all n_voxels; columns are voxels.
void put_voxels(Eigen::MatrixXd& whole, const Eigen::MatrixXd& part, Eigen::Index first,
                Eigen::Index n_voxels);
void put_voxels(Eigen::VectorXd& whole, const Eigen::VectorXd& part, Eigen::Index first,
                Eigen::Index n_voxels);

/// Copies maps of voxels [first, ..) into those of all n_voxels, which may be empty initially.
void put_block(GroupMaps& whole, const GroupMaps& part, Eigen::Index first, Eigen::Index n_voxels);

/// Fits ordinary least squares to each voxel, with the participants present there.
///
/// @param values    (n_participants, n_voxels), NaN where missing.
/// @param patterns  from presence_patterns; voxels in none of them get the status too_few.
/// @cost  2 n rank n_voxels flops, plus about 20 ns per voxel for z and p.
GroupMaps fit_ols(const GroupValues& values, const std::vector<PresencePattern>& patterns,
                  const GroupDesign& design, const GroupContrast& contrast, int n_threads);

/// The same with a variance for each group of participants: Welch's v for t contrasts (Aspin 1948;
/// for two groups Welch's t with Satterthwaite's degrees of freedom), G for F contrasts.
///
/// W is diagonal, for a participant of group g the sum of the residual-forming matrix's diagonal
/// over g divided by the group's residual sum of squares; v = c'beta / sqrt(c'(M'WM)^-1 c).
/// @param groups  (n_participants), group indices from 0.
/// @source Winkler et al. 2014, equation 5; degrees of freedom after Welch 1951.
GroupMaps fit_variance_groups(const GroupValues& values,
                              const std::vector<PresencePattern>& patterns,
                              const GroupDesign& design, const GroupContrast& contrast,
                              const std::vector<int>& groups, int n_threads);

}  // namespace sociometer
