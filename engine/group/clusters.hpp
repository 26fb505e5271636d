#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/neighbourhood.hpp"

namespace sociometer {

/// A voxel whose value is at least that of all 26 neighbours in its cluster.
struct Peak {
  uint32_t voxel;  ///< index in the mask
  double value;
};

/// A connected set of voxels above a threshold.
struct Cluster {
  std::vector<uint32_t> voxels;  ///< indices in the mask, ascending
  double mass = 0;               ///< sum of value - threshold
  /// The maximum, then sub-peaks in descending order, each farther than the minimum distance from
  /// all earlier ones.
  std::vector<Peak> peaks;
  /// Centre of mass in mm, weighted by the values (FSL, AFNI).
  Eigen::Vector3d centre_of_gravity_mm = Eigen::Vector3d::Zero();
};

struct ClusterOptions {
  double threshold = 0;
  bool above_only = false;  ///< values equal to the threshold do not pass (FSL, nilearn)
  size_t min_size = 1;      ///< smaller clusters are dropped
  double peak_distance_mm = 8;
  size_t max_peaks = 4;  ///< the maximum and three sub-peaks
};

/// Clusters of voxels whose value reaches the threshold. For negative effects pass the negated map.
///
/// @param values  one per voxel of the mask; NaN belongs to no cluster.
/// @param neighbourhood  of the same mask; defines adjacency for clusters. Peaks always use
///                       26 neighbours.
/// @return in descending order of size, then maximum, then by first voxel.
/// @throws Error{shape_mismatch} when the number of values is not that of the mask.
/// @cost  linear in voxels, and quadratic in the local maxima of a cluster.
std::vector<Cluster> find_clusters(const Mask& mask, const Neighbourhood& neighbourhood,
                                   std::span<const double> values, const ClusterOptions& options);

/// For each voxel of the mask the number of its cluster, from 1; 0 outside clusters.
std::vector<uint32_t> cluster_labels(const std::vector<Cluster>& clusters, Eigen::Index n_voxels);

}  // namespace sociometer
