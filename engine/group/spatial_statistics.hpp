#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/group/neighbourhood.hpp"

namespace sociometer {

/// How TFCE's integral over heights is computed: exactly, or in steps as in other programs.
enum class TfceSteps {
  exact,
  randomise,  ///< FSL: 1/100 of the unpermuted map's largest value for all maps, sums without the
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

/// Statistics of a map that depend on the neighbours of a voxel.
struct SpatialOptions {
  bool tfce = false, extent = false, mass = false;
  double tfce_e = 0.5, tfce_h = 2;
  TfceSteps tfce_steps = TfceSteps::exact;
  int tfce_connectivity = 6, cluster_connectivity = 26;
  double cluster_threshold = 0;  ///< clusters: value >= threshold
  bool clusters() const { return extent || mass; }
};

/// Maxima over a map.
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
/// size of the voxel's cluster at h, and is computed exactly: voxels join in descending order
/// of their values; between two of them no cluster changes, so each cluster's integral grows by e^E
/// (a^(H+1) - b^(H+1)) / (H+1). The maximum needs one number per cluster, because a voxel that
/// joins a cluster never overtakes the best one in it. Sums over steps are the same integral of a
/// height that moves in steps.
/// @source Smith & Nichols 2009, NeuroImage 44; union-find: Tarjan 1975.
/// @cost  a sort of the positive values, then neighbours * voxels look-ups.
class SpatialStatistics {
 public:
  /// @param largest  of the observed map: TfceSteps::randomise derives the steps of all maps from
  /// it; 0: each map has its own steps.
  SpatialStatistics(const Mask& mask, const SpatialOptions& options, double largest = 0);

  /// Workspace of one thread.
  struct Workspace {
    std::vector<int32_t> label;  ///< of each cell: its cluster's first number, -1 outside
    std::vector<uint64_t> order, spare;
    std::vector<int32_t> parent;
    std::vector<uint32_t> size;
    std::vector<double> last, best, shift, sum;
    std::vector<double> start;
    std::vector<double> heights, powers;  ///< steps, and the integral below each of them
  };
  Workspace workspace() const;

  /// @param values  one per voxel of the mask; NaN counts as 0.
  /// @param sign    1, or -1 for the negative part.
  /// @param tfce  if given, the TFCE map is added to it.
  SpatialMaxima maxima(std::span<const float> values, float sign, Workspace& w,
                       std::vector<double>* tfce = nullptr) const;
  /// The maps of the same statistics; all values are nonnegative.
  SpatialMaps maps(std::span<const float> values, float sign, Workspace& w) const;

 private:
  void sort(std::span<const float> values, float sign, float least, Workspace& w) const;
  /// Maximum TFCE of the sorted voxels. With kMaps the map is added to `map`.
  template <bool kMaps>
  double enhance(Workspace& w, std::vector<double>* map) const;
  /// Merges the sorted voxels into clusters, each of which has its integral down to 0 at the end.
  template <bool kMaps>
  void join_voxels(Workspace& w) const;
  /// A cluster's integral down to a height, given as its power.
  void integrate_to(Workspace& w, int32_t cluster, double power) const;
  /// Adds each voxel's share of its clusters' integrals; returns the maximum.
  double add_integrals(const Workspace& w, std::vector<double>& map) const;
  void find_clusters(Workspace& w, SpatialMaxima& maxima, SpatialMaps* maps) const;
  void make_steps(Workspace& w) const;
  /// Integral of (H + 1) h^H up to the height.
  double power_of(double height, const Workspace& w) const;

  SpatialOptions options_;
  double largest_;
  // Shared by all maps: adjacency, and the extent's factor of the integral by size.
  Neighbourhood tfce_, cluster_;
  std::vector<double> extent_power_;  ///< e^E / (H + 1)
};

}  // namespace sociometer
