#pragma once
#include <array>
#include <optional>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"
#include "engine/group/clusters.hpp"
#include "engine/group/random_field.hpp"
#include "engine/group/smoothness.hpp"

namespace sociometer {

/// A map as tested: the source of all clusters, peaks and corrections.
struct TestedMap {
  Eigen::VectorXd statistic;  ///< t, F or z, one per voxel of the mask; NaN without a statistic
  Eigen::VectorXd z;          ///< with the same upper-tail p
  RandomField::Kind kind = RandomField::Kind::t;
  double dof1 = 1, dof2 = 0;
};

/// Statistics whose degrees of freedom differ between voxels are not comparable: their z is tested
/// instead.
/// @param dof  per voxel; NaN without a statistic.
TestedMap tested_map(const Eigen::VectorXd& statistic, const Eigen::VectorXd& z,
                     const Eigen::VectorXd& dof, double numerator_dof);

/// The order of the clusters of a sign.
enum class ClusterOrder {
  size,  ///< largest first
  peak   ///< highest first (nilearn)
};
constexpr std::array<Name<ClusterOrder>, 2> names_of(std::type_identity<ClusterOrder>) {
  return {{{ClusterOrder::size, "size"}, {ClusterOrder::peak, "peak"}}};
}

struct ReportOptions {
  double forming_p =
      0.001;  ///< cluster-forming, of each voxel; half of it on each side if two-sided
  std::optional<double> threshold;  ///< forms clusters instead of forming_p, in its units
  bool above_only = false;          ///< values equal to the threshold do not pass (FSL, nilearn)
  bool two_sided = false;           ///< t and z only: clusters of both signs, p-values doubled
  bool negative = false;            ///< one-sided tests are of negative effects
  int connectivity = 26;
  size_t min_size = 1;
  double peak_distance_mm = 8;
  size_t max_peaks = 4;
  double alpha = 0.05;       ///< of thresholds and of true-discovery proportions
  bool volume_only = false;  ///< random-field p of clusters as in FSL: the volume term alone
  /// Clusters whose random-field p is larger are left out; none: all are kept.
  std::optional<double> most_cluster_p;
  ClusterOrder order = ClusterOrder::size;
};

struct PeakReport {
  uint32_t voxel;          ///< index in the mask
  double statistic, z, p;  ///< signed; p one- or two-sided like the test
  double p_rft, q_fdr;     ///< corrected over the map
};

struct ClusterReport {
  int sign;  ///< of the effect
  Cluster cluster;
  std::vector<PeakReport> peaks;
  double p_uncorrected, p_rft;  ///< of its size; NaN without smoothness
  double true_discovery;        ///< proportion, at confidence 1 - alpha; NaN without p-values
};

struct MapReport {
  double threshold = 0;                 ///< cluster-forming, in units of the statistic
  std::vector<ClusterReport> clusters;  ///< positive ones first, by size
  Eigen::VectorXd p;                    ///< of each voxel, one- or two-sided like the test
  Eigen::VectorXd q_fdr;                ///< Benjamini-Hochberg-adjusted p of each voxel
  Eigen::VectorXd p_rft;                ///< NaN without smoothness
  Eigen::Index n_tests = 0;
  double hommel = 0;
  std::optional<RandomField> field;
  std::optional<Smoothness> smoothness;
  /// At alpha: height of a significant peak, voxels of a significant cluster; NaN without
  /// smoothness.
  double peak_threshold, cluster_voxels;
};

/// Corrections of a map's p-values for multiple comparisons.
enum class MapCorrection {
  fdr,     ///< Benjamini & Hochberg
  fdr_by,  ///< Benjamini & Yekutieli
  bonferroni,
  holm,
  rft  ///< random fields
};
constexpr std::array<Name<MapCorrection>, 5> names_of(std::type_identity<MapCorrection>) {
  return {{{MapCorrection::fdr, "fdr"},
           {MapCorrection::fdr_by, "fdr-by"},
           {MapCorrection::bonferroni, "bonferroni"},
           {MapCorrection::holm, "holm"},
           {MapCorrection::rft, "rft"}}};
}

/// Corrected p of each voxel; NaN without a statistic.
Eigen::VectorXd corrected_p(const MapReport& report, MapCorrection correction);

/// The map as a random field over its tested voxels.
RandomField tested_field(const Mask& mask, const TestedMap& map, const Smoothness& smoothness);

/// p of each voxel's test; from z, which is accurate in both tails. NaN where z is.
Eigen::VectorXd p_of_tests(const Eigen::VectorXd& z, bool two_sided, bool negative = false);

/// Clusters of a map above the cluster-forming threshold, with all measures of their
/// significance.
///
/// A map whose distribution is not known has NaN for all z: with a threshold it has clusters, but
/// no p-values.
/// @param smoothness  of the noise, for random-field p-values; if none, these are NaN.
/// @cost  linear in voxels, plus a sort.
MapReport report_clusters(const Mask& mask, const TestedMap& map,
                          const std::optional<Smoothness>& smoothness,
                          const ReportOptions& options);

/// The statistic at each voxel of the report's clusters, 0 elsewhere.
Eigen::VectorXd values_in_clusters(const MapReport& report, const Eigen::VectorXd& statistic);

/// For each voxel the number of its cluster in the report's order, from 1; 0 outside clusters.
Eigen::VectorXd cluster_numbers(const MapReport& report, Eigen::Index n_voxels);

/// The statistic whose upper-tail p is `p`.
double statistic_of_p(RandomField::Kind kind, double dof1, double dof2, double p);

}  // namespace sociometer
