#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_fit.hpp"
#include "engine/stats/bayes_factors.hpp"

namespace sociometer {

/// Standardised effects of a t contrast at every voxel; NaN without a statistic.
struct EffectSizeMaps {
  Eigen::VectorXd d, g, d_lower, d_upper, g_lower, g_upper;
};

/// c'(X'X)^-1 c over the participants of each pattern: the squared standard error in units of the
/// residual variance; 1/n for one sample. NaN in voxels outside all patterns.
Eigen::VectorXd unit_variances(const std::vector<PresencePattern>& patterns,
                               const GroupDesign& design, const GroupContrast& contrast,
                               Eigen::Index n_voxels);

/// Cohen's d and Hedges' g with intervals from the noncentral t, for least-squares maps.
///
/// d is the contrast in residual standard deviations: t sqrt(c'(X'X)^-1 c).
/// @param unit_variance  from unit_variances.
/// @param level          of the intervals.
/// @cost  a table of the noncentrality for each value of dof shared by many voxels;
///        then about 50 ns per voxel, 0.1 ms in other voxels.
EffectSizeMaps effect_size_maps(const GroupMaps& maps, const Eigen::VectorXd& unit_variance,
                                double level, int n_threads);

/// Whether a contrast is of means: all its columns hold only 0 and 1. Otherwise it is of
/// slopes, whose size depends on the unit of a covariate.
bool is_of_means(const GroupDesign& design, const GroupContrast& contrast);

/// 1 / effective sample size of a Bayes factor: unit_variances for means; for slopes 1 / n, which
/// corresponds to the prior of a standardised covariate's slope, independent of its unit.
/// @source Liang et al. 2008, JASA 103; Rouder & Morey 2012, Multivariate Behavioral Research 47.
Eigen::VectorXd bayes_units(const std::vector<PresencePattern>& patterns, const GroupDesign& design,
                            const GroupContrast& contrast, Eigen::Index n_voxels);

/// ln BF10 (JZS) of a t contrast.
/// @param unit_variance  from bayes_units.
Eigen::VectorXd log_bayes_factor_map(const GroupMaps& maps, const Eigen::VectorXd& unit_variance,
                                     double scale, int n_threads);

/// The conjunction of t contrasts by the minimum statistic against the conjunction null, which
/// infers an effect in every contrast. z is the smallest z, p the largest p.
/// @source Nichols, Brett, Andersson, Wager & Poline 2005, NeuroImage 25.
struct Conjunction {
  Eigen::VectorXd z, p;
};
Conjunction conjunction(const std::vector<const GroupMaps*>& maps);

/// The conjunction of two maps of one statistic, in either direction: the smaller magnitude with
/// its sign where both have the same sign; NaN where they do not, or one has no value.
Eigen::VectorXd shared_statistic(const Eigen::Ref<const Eigen::VectorXd>& a,
                                 const Eigen::Ref<const Eigen::VectorXd>& b);

/// What passes for one of two maps only: |a| where a alone passes, -|b| where b alone does, else
/// NaN. To be shown, not tested: voxels of the two sets may differ in nothing but noise.
/// @param a_passes, b_passes  1 where the map passes its threshold, else 0
Eigen::VectorXd statistics_of_one_only(const Eigen::Ref<const Eigen::VectorXd>& a,
                                       const Eigen::Ref<const Eigen::VectorXd>& b,
                                       const Eigen::Ref<const Eigen::VectorXd>& a_passes,
                                       const Eigen::Ref<const Eigen::VectorXd>& b_passes);

}  // namespace sociometer
