#pragma once
#include <cstdint>
#include <vector>

#include "engine/glm/run_analysis.hpp"

/// Single trials of voxels that have responses of their own: voxels with the same response are a
/// group with designs of its own, and each run is read once for all groups. group_by_shape makes
/// the groups, the caller their runs and heights; fit_shape_groups and join_shape_groups give the
/// trials of all voxels.
namespace sociometer {

struct ShapeGroup {
  int number = 0;                    ///< of the response
  std::vector<Eigen::Index> voxels;  ///< positions in the mask of the analysis, ascending
  Mask mask;                         ///< these voxels
  FirstLevel first{};
  /// Per run: amplitudes are multiplied by it. The height of the response to one event makes
  /// amplitudes of groups comparable, as coefficients of broad and narrow responses are not.
  std::vector<double> heights{};
};

/// @param number  per voxel of the mask, 1 and more; 0: none. Voxels without a response are in the
/// first group, so that what is known of their series is known.
std::vector<ShapeGroup> group_by_shape(const std::vector<uint8_t>& number, const Mask& mask);

/// Reads and fits all groups. Where voxels are coupled (couples_voxels), each group's designs are
/// fitted to all voxels of the mask, one read per group, and the group's voxels are taken: noise is
/// pooled or smoothed over all voxels, as it is for a single response.
/// @return per group, for its voxels: estimates without betas and noise, and trials.
std::vector<FirstLevelFit> fit_shape_groups(const std::vector<ShapeGroup>& groups,
                                            const OpenRun& open, const Mask& mask,
                                            Journal* journal = nullptr);

/// All voxels of the mask. Trials are scaled by the heights, and NaN in voxels without a response;
/// degrees of freedom are the fewest of the groups.
FirstLevelFit join_shape_groups(const std::vector<ShapeGroup>& groups,
                                const std::vector<FirstLevelFit>& fits,
                                const std::vector<uint8_t>& number);

/// Puts values of a group's voxels in their places among all; voxels without a response keep
/// theirs.
/// @param of_group  one per voxel of the group. @param all  one per voxel of the mask.
void put_shaped(const ShapeGroup& group, const std::vector<uint8_t>& number,
                const Eigen::VectorXd& of_group, Eigen::VectorXd& all);

/// Voxels by the number of their response, 0 to n_shapes; at 0 those without one.
std::vector<long> voxels_per_shape(const std::vector<uint8_t>& number, int n_shapes);

/// A run's trials over groups: the first status that is not ok, the largest VIF.
struct JointFacts {
  std::vector<TrialFacts> facts;
  std::vector<std::vector<int>> lost;  ///< per trial: responses with which it has no amplitude
};
JointFacts joint_facts(const std::vector<ShapeGroup>& groups, size_t run);

}  // namespace sociometer
