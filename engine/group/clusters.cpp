#include "engine/group/clusters.hpp"

#include <algorithm>
#include <optional>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Everything reachable from `first` through voxels in `passes`; removes them from `passes`.
std::vector<uint32_t> grow(uint32_t first, const Neighbourhood& near,
                           std::vector<uint8_t>& passes) {
  std::vector<uint32_t> found = {first};
  passes[first] = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const int64_t cell = near.cell_of_voxel[found[i]];
    for (const int32_t offset : near.offsets) {
      const int32_t voxel = near.voxel_of_cell[size_t(cell + offset)];
      if (voxel < 0 || !passes[size_t(voxel)]) continue;
      passes[size_t(voxel)] = 0;
      found.push_back(uint32_t(voxel));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// No neighbour in the cluster is larger; among equal neighbours the first is the peak.
bool is_peak(uint32_t voxel, const Neighbourhood& near26, std::span<const double> values,
             const std::vector<uint32_t>& label, uint32_t own) {
  const int64_t cell = near26.cell_of_voxel[voxel];
  for (const int32_t offset : near26.offsets) {
    const int32_t other = near26.voxel_of_cell[size_t(cell + offset)];
    if (other < 0 || label[size_t(other)] != own) continue;
    const double value = values[size_t(other)];
    if (value > values[voxel] || (value == values[voxel] && uint32_t(other) < voxel)) return false;
  }
  return true;
}

Eigen::Vector3d world_of(const Mask& mask, uint32_t voxel) {
  return mask.grid.world(mask.voxels[voxel]);
}

/// Local maxima in descending order, without those too close to a larger one.
std::vector<Peak> spread_peaks(std::vector<Peak> peaks, const Mask& mask,
                               const ClusterOptions& options) {
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Peak& a, const Peak& b) { return a.value > b.value; });
  std::vector<Peak> kept;
  for (const Peak& peak : peaks) {
    if (kept.size() >= options.max_peaks) break;
    const bool far = std::all_of(kept.begin(), kept.end(), [&](const Peak& k) {
      return (world_of(mask, k.voxel) - world_of(mask, peak.voxel)).norm() >
             options.peak_distance_mm;
    });
    if (far) kept.push_back(peak);
  }
  return kept;
}

void measure(Cluster& cluster, const Mask& mask, std::span<const double> values, double threshold) {
  double total = 0;
  for (const uint32_t voxel : cluster.voxels) {
    cluster.mass += values[voxel] - threshold;
    cluster.centre_of_gravity_mm += values[voxel] * world_of(mask, voxel);
    total += values[voxel];
  }
  cluster.centre_of_gravity_mm /= total;
}

}  // namespace

std::vector<Cluster> find_clusters(const Mask& mask, const Neighbourhood& neighbourhood,
                                   std::span<const double> values, const ClusterOptions& options) {
  if (values.size() != mask.voxels.size())
    fail(ErrorCode::shape_mismatch, "{} values for a mask of {} voxels", values.size(),
         mask.voxels.size());
  std::vector<uint8_t> passes(values.size());
  for (size_t v = 0; v < values.size(); ++v)
    passes[v] = options.above_only ? values[v] > options.threshold : values[v] >= options.threshold;
  std::vector<Cluster> clusters;
  for (uint32_t v = 0; v < values.size(); ++v) {
    if (!passes[v]) continue;
    Cluster cluster;
    cluster.voxels = grow(v, neighbourhood, passes);
    if (cluster.voxels.size() >= options.min_size) clusters.push_back(std::move(cluster));
  }
  const std::vector<uint32_t> label = cluster_labels(clusters, mask.n_voxels());
  std::optional<Neighbourhood> own26;
  if (neighbourhood.connectivity != 26) own26.emplace(mask, 26);
  const Neighbourhood& near26 = own26 ? *own26 : neighbourhood;
  for (size_t c = 0; c < clusters.size(); ++c) {
    for (const uint32_t voxel : clusters[c].voxels)
      if (is_peak(voxel, near26, values, label, uint32_t(c + 1)))
        clusters[c].peaks.push_back({voxel, values[voxel]});
    clusters[c].peaks = spread_peaks(std::move(clusters[c].peaks), mask, options);
    measure(clusters[c], mask, values, options.threshold);
  }
  std::stable_sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
    if (a.voxels.size() != b.voxels.size()) return a.voxels.size() > b.voxels.size();
    return a.peaks[0].value > b.peaks[0].value;
  });
  return clusters;
}

std::vector<uint32_t> cluster_labels(const std::vector<Cluster>& clusters, Eigen::Index n_voxels) {
  std::vector<uint32_t> label(size_t(n_voxels), 0);
  for (size_t c = 0; c < clusters.size(); ++c)
    for (const uint32_t voxel : clusters[c].voxels) label[voxel] = uint32_t(c + 1);
  return label;
}

}  // namespace sociometer
