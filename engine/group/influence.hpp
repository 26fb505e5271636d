#pragma once
#include <vector>

#include "engine/group/group_data.hpp"
#include "engine/group/group_design.hpp"

namespace sociometer {

/// What one participant does to a group's map of t.
struct ParticipantInfluence {
  /// h, diagonal of the hat matrix M (M'M)^-1 M' of all participants: 0 to 1, mean p / n. Depends
  /// on the design alone.
  double leverage = 0;
  /// Cook's distance, e^2 h / (p s^2 (1 - h)^2) with s^2 the residual variance, mean over voxels:
  /// how far all fitted values move when the participant is left out.
  double cooks_distance = 0;
  /// Root mean square over voxels of the externally studentised residual: distance of the map from
  /// what the others predict, in standard deviations of a new map at each voxel. About 1 for
  /// everybody in a homogeneous group. It is a Mahalanobis distance with a diagonal covariance:
  /// the full covariance of more voxels than participants is singular.
  double distance = 0;
  /// Robust z of log distance among the participants: (x - median) / (1.4826 MAD).
  double distance_z = 0;
  /// t at the peak of all participants when this one is left out, and its change (left out - all).
  double t_at_peak = 0, t_change = 0;
  /// The largest |t| of the map without this participant, and where it is.
  double peak_t = 0;
  Eigen::Index peak_voxel = -1;
  Eigen::Index n_voxels = 0;  ///< that count for the means: with a value of this participant
  /// distance_z above the limit of the options: the map lies further away than those of the others.
  bool far_away = false;
  bool peak_lost = false;  ///< |t_at_peak| below the share of the options of the group's
};

struct InfluenceOptions {
  double distance_limit = 3;  ///< of distance_z
  double peak_share = 0.75;   ///< of the peak's |t| that must stay without a participant
};

/// How much the t map of one contrast rests on single participants.
struct GroupInfluence {
  Eigen::Index peak_voxel = -1;  ///< of the largest |t|; -1 if no voxel has a t
  double peak_t = 0, peak_dof = 0;
  double mean_leverage = 0;  ///< p / n
  Eigen::Index n_voxels = 0;
  std::vector<ParticipantInfluence> participants;  ///< rows of the design
};

/// Leverage, Cook's distance, distance and leave-one-out t of every participant, by least squares.
///
/// Nothing is refitted. With Z an orthonormal basis of the design, h = |z_i|^2 and e the residuals,
/// without participant i
///
///     gamma' = gamma - z_i e_i / (1 - h_i)           SSE' = SSE - e_i^2 / (1 - h_i)
///     g'(Z'Z)^-1 g becomes g'g + (g'z_i)^2 / (1 - h_i)
///
/// where g = coordinates of the contrast. In voxels that a participant lacks, all this is of those
/// who have one. Figures that leaving out makes impossible (h_i = 1, no degree of freedom, the
/// contrast no longer estimable) are NaN at that voxel and do not count.
/// Analyses weighted by variances (mixed effects) are not this model: then it is a check of the
/// maps, not of the reported t.
/// @param data      effects, (n_participants, n_voxels), NaN where missing.
/// @param design    M, (n_participants, n_columns), finite.
/// @param contrast  a t contrast.
/// @throws Error{shape_mismatch} when the row counts differ, Error{bad_input} for an F contrast.
/// @cost  about 20 n_participants n_voxels flops, and two passes over the data.
/// @source Cook 1977, Technometrics 19:15; Belsley, Kuh & Welsch 1980, Regression Diagnostics,
///         chapter 2 (deletion formulas); Leys et al. 2013, J Exp Soc Psychol 49:764 (outliers by
///         the median absolute deviation, limit 3).
GroupInfluence group_influence(const GroupData& data, const Eigen::MatrixXd& design,
                               const GroupContrast& contrast, const InfluenceOptions& options = {});

/// The same of one voxel that all participants have.
struct VoxelInfluence {
  Eigen::VectorXd leverage, cooks_distance;
  Eigen::VectorXd studentised;  ///< externally: by the variance without the participant
  double t = 0, dof = 0;
  Eigen::VectorXd t_without;  ///< without each participant, dof - 1 degrees of freedom
};
/// @param y  (n_participants), finite.
VoxelInfluence voxel_influence(const Eigen::VectorXd& y, const Eigen::MatrixXd& design,
                               const GroupContrast& contrast);

}  // namespace sociometer
