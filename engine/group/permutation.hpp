#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/group/group_data.hpp"
#include "engine/group/group_design.hpp"
#include "engine/group/presence.hpp"
#include "engine/group/shuffle_results.hpp"
#include "engine/group/shuffled_statistics.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/spatial_statistics.hpp"
#include "engine/group/tail_approximation.hpp"

namespace sociometer {

struct PermutationOptions {
  std::optional<ShuffleScheme> scheme;  ///< nothing: see default_scheme
  std::vector<int> blocks;              ///< of each participant; may be empty
  std::vector<int> variance_groups;     ///< of each participant; compared as z; empty: one variance
  BlockExchange exchange = BlockExchange::within;
  uint64_t n = 0;  ///< random shuffles besides the one in place; smaller sets are taken whole
  uint64_t seed = 0;
  bool two_sided = false;  ///< t contrasts: |t|, both signs of clusters and TFCE
  bool compare_z = false;  ///< maps of z in place of t or F, cluster threshold included
  SpatialOptions spatial;
  /// Clusters form where the upper-tail p of what is compared is below this; 0: at
  /// spatial.cluster_threshold.
  double cluster_p = 0;
  bool tfce_uncorrected = false;  ///< counts the shuffles that reach TFCE in each voxel
  TailMethod tail = TailMethod::none;
  double tail_p = 0.1;      ///< TailMethod::gpd replaces p-values below this
  int n_threads = 1;        ///< of the preparation
  double memory_bytes = 0;  ///< for the shuffles of data that are not in memory
};

/// Sign flips where the contrast tests a mean (the reduced model has no constant), permutations
/// where it compares participants (it has one).
ShuffleScheme default_scheme(const TestedSpace& tested);

/// p-values of a map, one per voxel; NaN where there is no statistic.
struct PermutationP {
  std::vector<double> uncorrected, fdr;  ///< of the voxel's own statistic
  std::vector<double> voxel_fwe, tfce_fwe, extent_fwe, mass_fwe;
  std::vector<double> tfce_uncorrected, tfce_fdr;          ///< of TFCE, when asked for
  NullTail voxel_tail, tfce_tail, extent_tail, mass_tail;  ///< of the largest values
  /// Voxels whose uncorrected p was to be read from a tail, and those of them without a fit.
  size_t n_tails = 0, n_tails_unfitted = 0;
};

/// Permutation test of one contrast of an OLS group model, with one variance or one per group.
///
/// The data are residuals of the reduced model, shuffled, and the full model is fitted again
/// (Freedman & Lane 1983; ShuffledStatistics). Voxels with other participants have their own
/// residuals and bases; their statistics are then compared as z. Participants change places in all
/// voxels alike: who is absent leaves their place empty, wherever it is. Small sets of shuffles are
/// computed in float64, random ones in float32. p = (number of shuffles, the one in place among
/// them, that reach the observed value) / (number of shuffles); values within rounding error of the
/// observed one reach it.
/// @source Winkler et al. 2014, NeuroImage 92.
class ContrastPermutation {
 public:
  /// @throws Error{bad_input} when nothing can be exchanged.
  ContrastPermutation(const GroupValues& values, const std::vector<PresencePattern>& patterns,
                      const Mask& mask, const GroupDesign& design, const GroupContrast& contrast,
                      const PermutationOptions& options);
  /// The same of data that may be larger than memory: then each pass over them does as many
  /// shuffles as options.memory_bytes have room for.
  ContrastPermutation(std::shared_ptr<const GroupData> data,
                      const std::vector<PresencePattern>& patterns, const Mask& mask,
                      const GroupDesign& design, const GroupContrast& contrast,
                      const PermutationOptions& options);
  ~ContrastPermutation();

  const ShuffleSequence& shuffles() const { return *sequence_; }
  ShuffleScheme scheme() const { return scheme_; }
  bool compares_z() const { return compares_z_; }
  bool two_sided() const { return two_sided_; }
  double cluster_threshold() const { return cluster_threshold_; }  ///< of what is compared
  bool has_nuisance() const { return has_nuisance_; }  ///< columns that the contrast does not test
  /// Shuffles that one pass over the data does; run() is best asked for multiples of it.
  /// @throws Error{bad_input} when the memory has no room for any.
  uint64_t shuffles_of_a_pass(int n_threads) const;
  /// Tells whether another machine computes the same bits: a sum over the statistics of the data as
  /// they are.
  std::string checksum() const;
  /// Maps of the data as they are; of negative effects, when two-sided, with a minus.
  const SpatialMaps& observed() const { return observed_; }

  /// Does shuffles [first, last).
  /// @cost  2 n n_voxels flops a shuffle and spatial statistics; memory of 16 maps a thread.
  ShuffleResults run(uint64_t first, uint64_t last, int n_threads) const;
  /// @param results  of all shuffles.
  /// p-values are read from fitted tails where the options ask for them, those of the statistic
  /// from tails of its z: family-wise ones from that of the largest values; the voxel's uncorrected
  /// one, and so its FDR, from that of its own statistic in all shuffles, which are computed again
  /// for it, some voxels at a time. Where a voxel is in no cluster, p stays that of the shuffles,
  /// as does the uncorrected p of TFCE.
  /// @cost  with tails, the statistics of all shuffles.
  PermutationP p_values(const ShuffleResults& results, int n_threads) const;
  /// The family-wise ones alone.
  PermutationP family_wise_p(const ShuffleResults& results) const;

 private:
  template <typename Scalar>
  struct Engine;
  struct AnyEngine;
  ShuffleScheme scheme_ = ShuffleScheme::flips;
  bool compares_z_ = false, two_sided_ = false, has_nuisance_ = false;
  double cluster_threshold_ = 0;
  std::shared_ptr<const GroupData> data_;
  std::unique_ptr<ShuffleSequence> sequence_;
  std::unique_ptr<AnyEngine> engine_;
  SpatialMaps observed_;
};

}  // namespace sociometer
