#pragma once
#include <set>

#include <Eigen/Core>

namespace sociometer {

/// Which voxels of a map pass: 1 where they do, else 0, one per voxel.
///
///     const Eigen::VectorXd passing = passing_p(q_fdr, 0.05);
///     const auto n = n_passing(passing);
///     const double from = least_magnitude(t, passing);

/// p at the level or below; a missing p does not pass.
Eigen::VectorXd passing_p(const Eigen::Ref<const Eigen::VectorXd>& p, double level);

/// A statistic, or with two sides its magnitude, at the threshold or above; a missing one does not
/// pass. @param threshold  may be infinite: nothing finite passes.
Eigen::VectorXd passing_height(const Eigen::Ref<const Eigen::VectorXd>& statistic, double threshold,
                               bool two_sided);

/// Voxels of the clusters that pass.
/// @param numbers  of each voxel's cluster, 0 outside clusters (cluster_numbers).
Eigen::VectorXd passing_clusters(const Eigen::Ref<const Eigen::VectorXd>& numbers,
                                 const std::set<double>& clusters);

/// Voxels that pass in both maps and have a shared statistic (shared_statistic), which those with
/// different signs have not.
Eigen::VectorXd passing_both(const Eigen::Ref<const Eigen::VectorXd>& a,
                             const Eigen::Ref<const Eigen::VectorXd>& b,
                             const Eigen::Ref<const Eigen::VectorXd>& shared);

/// Voxels that have a value.
Eigen::VectorXd with_value(const Eigen::Ref<const Eigen::VectorXd>& values);

Eigen::Index n_passing(const Eigen::Ref<const Eigen::VectorXd>& passing);

/// The lowest magnitude of a finite statistic among the voxels that pass; infinite without any.
double least_magnitude(const Eigen::Ref<const Eigen::VectorXd>& statistic,
                       const Eigen::Ref<const Eigen::VectorXd>& passing);

}  // namespace sociometer
