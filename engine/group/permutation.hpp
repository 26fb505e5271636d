#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
  uint64_t n = 0;  ///< random permutations besides the identity; all of them if there are no more
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

/// The kernels that shuffles are computed with on this processor: with others the last bits differ.
std::string shuffle_kernels_name();

/// p-values of a map, one per voxel; NaN where there is no statistic.
struct PermutationP {
  std::vector<double> uncorrected, fdr;  ///< of the voxel's own statistic
  std::vector<double> voxel_fwe, tfce_fwe, extent_fwe, mass_fwe;
  std::vector<double> tfce_uncorrected, tfce_fdr;          ///< of TFCE, when asked for
  NullTail voxel_tail, tfce_tail, extent_tail, mass_tail;  ///< of the largest values
  /// Voxels whose uncorrected p was to be read from a tail, and those of them without a fit.
  size_t n_tails = 0, n_tails_unfitted = 0;
};

/// Data, design, contrast and options of a permutation test.
struct PermutationPlan {
  std::shared_ptr<const GroupData> data;  ///< effects; they may be larger than memory
  std::vector<PresencePattern> patterns;  ///< of the data: who has which voxels
  Space space;
  GroupDesign design;
  GroupContrast contrast;
  PermutationOptions options = {};
};

/// Permutation test of one contrast of a least-squares group model, with one variance or one per
/// group.
///
/// Model. y = Z g + Q b + e in each voxel, Z the columns that the contrast does not test. The data
/// are the residuals of y = Z g, shuffled (signs, orders or both, within exchangeability blocks),
/// to which the full model is fitted again (Freedman & Lane 1983); ShuffledStatistics does that for
/// all voxels. The same shuffle applies to all voxels, so the largest value of a map over its
/// voxels, whatever the map (statistic, TFCE, extent or mass of clusters), has the family-wise
/// distribution. p = (shuffles, the identity among them, that reach the observed value) /
/// (shuffles); values within rounding error of the observed one reach it.
///
/// Exact: p of a design without nuisance columns, or whose nuisance columns are alike for all who
/// are exchanged, when errors are exchangeable (permutations) or symmetric (flips) given the
/// blocks; sets of shuffles no larger than asked for are taken whole and computed in float64. Any
/// split of the shuffles over calls, threads and machines gives the same bits.
///
/// Approximate: with nuisance columns, Freedman & Lane's p, whose error vanishes as participants
/// grow in number; random shuffles, float32, whose p has the binomial error of its count; p below
/// 1 / shuffles, read from a tail that is fitted to the shuffles (PermutationOptions::tail). Where
/// voxels lack participants, the pattern's own residuals are shuffled: missing participants are
/// missing in every permutation, and z is compared in place of t, as degrees of freedom differ.
///
/// Fails: Error{bad_input} when the design and blocks leave nothing to exchange, or when memory has
/// no room for a pass over data that are not in it; Error{usage} for options out of range. Voxels
/// without a statistic have p NaN.
///
///     PermutationOptions options;
///     options.n = 5000;
///     options.spatial.tfce = true;
///     const ContrastPermutation test(
///         {data, presence_patterns(*data, 20), mask, design, contrast, options});
///     const ShuffleResults all = test.run(0, test.shuffles().size(), n_threads);
///     const PermutationP p = test.p_values(all, n_threads);
///     // p.tfce_fwe[v] <= .05: voxel v has an effect
///
/// Any part of the shuffles can be run alone and joined (shuffle_results.hpp).
/// @source Winkler et al. 2014, NeuroImage 92.
class ContrastPermutation {
 public:
  /// Prepares the test: residuals, and the observed statistics.
  /// @throws Error{bad_input} when nothing can be exchanged.
  explicit ContrastPermutation(const PermutationPlan& plan);
  ~ContrastPermutation();

  const ShuffleSequence& shuffles() const { return *sequence_; }
  ShuffleScheme scheme() const { return scheme_; }
  bool compares_z() const;
  bool two_sided() const { return two_sided_; }
  double cluster_threshold() const;                    ///< of what is compared
  bool has_nuisance() const { return has_nuisance_; }  ///< columns that the contrast does not test
  /// Permutations computed in one pass over the data; run() is fastest with multiples of it.
  /// @throws Error{bad_input} when the memory has no room for any.
  uint64_t shuffles_of_a_pass(int n_threads) const;
  /// A sum over the observed statistics: whether another machine computes the same bits.
  std::string checksum() const;
  /// Observed maps; of negative effects, when two-sided, with a minus.
  const SpatialMaps& observed() const;

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
  ContrastPermutation(const PermutationPlan& plan, const TestedSpace& whole);
  static std::unique_ptr<const AnyEngine> engine_of(const PermutationPlan& plan,
                                                    const TestedSpace& whole,
                                                    const ShuffleSequence& sequence);
  ShuffleScheme scheme_;
  bool two_sided_, has_nuisance_;
  std::shared_ptr<const GroupData> data_;
  std::unique_ptr<const ShuffleSequence> sequence_;
  std::unique_ptr<const AnyEngine> engine_;
};

}  // namespace sociometer
