#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/core/space.hpp"

namespace sociometer {

/// How TFCE's integral over heights is taken: exactly, or as programs with steps take it.
enum class TfceSteps {
  exact,
  randomise,  ///< FSL: 1/100 of the unshuffled map's largest value for all maps, sums without the
              ///< step, clusters above the height
  palm,    ///< 1/100 of each map's largest value, times the step, clusters at or above the height
  mrtrix,  ///< MRtrix3: 0.1, sums without the step, clusters above the height
};

constexpr std::array<Name<TfceSteps>, 4> names_of(std::type_identity<TfceSteps>) {
  return {{{TfceSteps::exact, "exact"},
           {TfceSteps::randomise, "randomise"},
           {TfceSteps::palm, "palm"},
           {TfceSteps::mrtrix, "mrtrix"}}};
}

/// Whether the steps are defined over maps of z.
inline bool steps_over_z(TfceSteps steps) {
  return steps == TfceSteps::palm || steps == TfceSteps::mrtrix;
}

/// Which statistics of neighbourhoods (TFCE, extent, mass) are computed, and how.
struct SpatialOptions {
  bool tfce = false, extent = false, mass = false;
  double tfce_e = 0.5, tfce_h = 2;
  TfceSteps tfce_steps = TfceSteps::exact;
  int tfce_connectivity = 6, cluster_connectivity = 26;
  double cluster_threshold = 0;  ///< clusters: value >= threshold
  bool clusters() const { return extent || mass; }
};

/// Largest values over a map.
struct SpatialMaxima {
  double tfce = 0, extent = 0, mass = 0;
};

/// Maps, one value per voxel of the mask; 0 where the statistic is not positive or below the
/// threshold.
struct SpatialMaps {
  std::vector<double> tfce, extent, mass;
};

/// Threshold-free cluster enhancement, cluster extent and cluster mass (sum of the values) of the
/// positive part of maps.
///
/// TFCE is the integral over heights h from 0 to the voxel's value of e(h)^E h^H dh, e(h) being the
/// number of voxels of the voxel's cluster at h, and is computed exactly: voxels join in the order
/// of their values; between two of them no cluster changes, so each cluster's integral grows by e^E
/// (a^(H+1) - b^(H+1)) / (H+1). The maximum needs one number per cluster, because a voxel that
/// joins a cluster never overtakes the best one in it. Sums over steps are the same integral of a
/// height that moves in steps.
/// @source Smith & Nichols 2009, NeuroImage 44; union-find: Tarjan 1975.
/// @cost  a sort of the positive values, then neighbours * voxels look-ups.
class SpatialStatistics {
 public:
  /// @param largest  of the observed map: TfceSteps::randomise takes its steps from
  /// it for all maps; 0: each map has steps of its own.
  SpatialStatistics(const Space& space, const SpatialOptions& options, double largest = 0);

  /// A cluster, or one that has been merged into another.
  struct alignas(32) Cluster {
    double last;          ///< power of the height of the last change
    double best;          ///< integral so far of its best voxel; for maps of its first
    int32_t nearer_root;  ///< itself: not merged; otherwise on the way to the one that is not
    uint32_t size;
  };

  /// Memory of one thread.
  struct Workspace {
    std::vector<int32_t> label;  ///< of each cell: its cluster's number when last seen, -1 outside
    std::vector<uint64_t> order, spare;  ///< values and cells of the positive voxels
    std::vector<Cluster> joined;
    std::vector<int32_t> into;  ///< for maps: the cluster that a cluster was merged into
    std::vector<double> shift;  ///< for maps: what a merged cluster's integral is from that one's
    std::vector<int32_t> parent;
    std::vector<uint32_t> size;
    std::vector<double> sum;
    std::vector<double> start;            ///< for maps: a voxel's cluster's integral when it joined
    std::vector<int32_t> home;            ///< for maps: a voxel's cluster when it joined
    std::vector<double> heights, powers;  ///< steps, and the integral up to before each of them
  };
  Workspace workspace() const;

  /// @param values  one per point of the space; NaN counts as 0.
  /// @param sign    1, or -1 for the negative part.
  /// @param tfce  if given, the map of TFCE is added to it.
  SpatialMaxima maxima(std::span<const float> values, float sign, Workspace& w,
                       std::vector<double>* tfce = nullptr) const;
  /// Maps of the same; each value is 0 or more.
  SpatialMaps maps(std::span<const float> values, float sign, Workspace& w) const;

 private:
  void sort(std::span<const float> values, float sign, float least, Workspace& w) const;
  /// TFCE of the sorted voxels: its largest value. With kMaps the map is added to `map`.
  template <bool kMaps>
  double enhance(Workspace& w, std::vector<double>* map) const;
  /// Lets the sorted voxels join clusters, each of which has its integral down to 0 at the end.
  /// @tparam kOffsets  number of neighbours, or std::dynamic_extent.
  template <bool kMaps, size_t kOffsets>
  void join_voxels(Workspace& w) const;
  /// The cluster of a voxel's neighbours that have joined, merged if there are several, at a height
  /// given as its power; -1: none has.
  template <bool kMaps, size_t kOffsets>
  int32_t join_neighbours(Workspace& w, uint32_t cell, double power) const;
  /// The merged cluster.
  template <bool kMaps>
  int32_t merge(Workspace& w, int32_t a, int32_t b, double power) const;
  /// A cluster's integral down to a height, given as its power.
  void integrate_to(Cluster& cluster, double power) const;
  /// Adds what each voxel has of its clusters' integrals; the largest of it.
  double add_integrals(Workspace& w, std::vector<double>& map) const;
  void find_clusters(Workspace& w, SpatialMaxima& maxima, SpatialMaps* maps) const;
  void make_steps(Workspace& w) const;
  /// Integral of (H + 1) h^H up to the height.
  double power_of(double height, const Workspace& w) const;

  SpatialOptions options_;
  double largest_;
  // What all maps share: which voxels touch, and the extent's factor of the integral by size.
  Neighbourhood tfce_, cluster_;
  std::vector<int32_t> rows_;         ///< offsets of the rows of cells that hold neighbours
  std::vector<double> extent_power_;  ///< e^E / (H + 1)
};

}  // namespace sociometer
