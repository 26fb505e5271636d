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
  std::optional<ShuffleScheme> scheme;  ///< default: see default_scheme
  std::vector<int> blocks;              ///< of each participant; may be empty
  std::vector<int> variance_groups;     ///< of each participant; compared as z; empty: one variance
  BlockExchange exchange = BlockExchange::within;
  uint64_t n = 0;  ///< random permutations besides the identity; smaller sets are enumerated
  uint64_t seed = 0;
  bool two_sided = false;  ///< t contrasts: |t|, both signs of clusters and TFCE
  bool compare_z = false;  ///< maps of z instead of t or F, also for the cluster threshold
  SpatialOptions spatial;
  /// Clusters form where the upper-tail p of the compared statistic is below this; 0: at
  /// spatial.cluster_threshold.
  double cluster_p = 0;
  bool tfce_uncorrected = false;  ///< count permutations that reach the observed TFCE per voxel
  TailMethod tail = TailMethod::none;
  double tail_p = 0.1;      ///< TailMethod::gpd replaces p-values below this
  int n_threads = 1;        ///< for the preparation
  double memory_bytes = 0;  ///< for the permutations of data that are not in memory
};

/// Sign flips if the contrast tests a mean (the reduced model has no constant), permutations
/// if it compares participants (it has one).
ShuffleScheme default_scheme(const TestedSpace& tested);

/// The kernels used for permutations on this processor: with others the last bits differ.
std::string shuffle_kernels_name();

/// p-values of a map, one per voxel; NaN without a statistic.
struct PermutationP {
  std::vector<double> uncorrected, fdr;  ///< of the voxel's own statistic
  std::vector<double> voxel_fwe, tfce_fwe, extent_fwe, mass_fwe;
  std::vector<double> tfce_uncorrected, tfce_fdr;          ///< of TFCE, if requested
  NullTail voxel_tail, tfce_tail, extent_tail, mass_tail;  ///< of the maximum statistics
  /// Voxels whose uncorrected p was to be read from a tail, and those of them without a fit.
  size_t n_tails = 0, n_tails_unfitted = 0;
};

/// Data and model of a test, and its options.
struct PermutationPlan {
  std::shared_ptr<const GroupData> data;  ///< effects; possibly larger than memory
  std::vector<PresencePattern> patterns;  ///< of the data: the participants of each voxel
  Mask mask;
  GroupDesign design;
  GroupContrast contrast;
  PermutationOptions options = {};
};

/// Permutation test of one contrast of a least-squares group model, with one variance or one per
/// group.
///
/// Model. y = Z g + Q b + e in each voxel, Z the columns not tested by the contrast. The residuals
/// of y = Z g are permuted (signs, orders or both, within exchangeability blocks) and
/// the full model is fitted to them again (Freedman & Lane 1983); ShuffledStatistics does that for
/// all voxels. All voxels share each permutation, so the maximum of a map over its
/// voxels, whatever the map (statistic, TFCE, extent or mass of clusters), has the family-wise
/// distribution. p = (permutations, including the identity, that reach the observed value) /
/// (permutations); values within rounding error of the observed one reach it.
///
/// Exact: p of a design without nuisance columns, or whose nuisance columns are equal for all that
/// are exchanged, when errors are exchangeable (permutations) or symmetric (flips) given the
/// blocks; sets of permutations no larger than requested are enumerated, in float64. Any
/// split of the permutations over calls, threads and machines gives the same bits.
///
/// Approximate: with nuisance columns, Freedman & Lane's p, whose error vanishes with sample
/// size; random permutations, float32, whose p has the binomial error of its count; p below
/// 1 / permutations, read from a fitted tail (PermutationOptions::tail). In voxels with
/// missing data, the residuals of the pattern's participants are permuted: an absent participant's
/// place stays empty wherever it moves, and z is compared instead of t, as dof differ.
///
/// Fails: Error{bad_input} when the design and blocks leave nothing to exchange, or when one pass
/// over data on disk does not fit in memory; Error{usage} for options out of range. Voxels
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
/// Any part of the permutations can be run separately and joined (shuffle_results.hpp).
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
  double cluster_threshold() const;                    ///< of the compared statistic
  bool has_nuisance() const { return has_nuisance_; }  ///< columns not tested by the contrast
  /// Permutations done in one pass over the data; run() is most efficient for multiples of it.
  /// @throws Error{bad_input} when none fits in memory.
  uint64_t shuffles_of_a_pass(int n_threads) const;
  /// Shows whether another machine computes the same bits: a checksum of the observed
  /// statistics.
  std::string checksum() const;
  /// Observed maps; including negative effects, with a minus sign, if two-sided.
  const SpatialMaps& observed() const;

  /// Does permutations [first, last).
  /// @cost  2 n n_voxels flops per permutation plus spatial statistics; memory: 16 maps per thread.
  ShuffleResults run(uint64_t first, uint64_t last, int n_threads) const;
  /// @param results  of all permutations.
  /// p-values are read from fitted tails if the options request them, those of the statistic
  /// from tails of its z: family-wise ones from the tail of the maxima; the voxel's uncorrected
  /// one, and so its FDR, from the tail of its own permutation statistics, which are recomputed
  /// for it, some voxels at a time. For voxels in no cluster, p stays that of the permutations,
  /// as does the uncorrected p of TFCE.
  /// @cost  with tails, the statistics of all permutations.
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
