#pragma once
#include <cstdint>
#include <vector>

namespace sociometer {

/// Results of permutations k in [first, last). Adjacent parts add up to the whole.
struct ShuffleResults {
  uint64_t first = 0, last = 0;
  std::vector<double> voxel, tfce, extent, mass;  ///< maximum of each map, one per permutation
  std::vector<uint32_t> reached;  ///< per voxel: permutations that reached the observed statistic
  std::vector<uint32_t> reached_tfce;  ///< permutations that reached the observed TFCE; or empty
};

/// Indices of permutations, [first, last).
struct ShuffleRange {
  uint64_t first = 0, last = 0;
};

/// The part of all permutations done by shard `shard` of `n_shards`, counted from 1; boundaries are
/// those of computational batches. With more shards than batches, some are empty.
ShuffleRange shard_range(uint64_t n_shuffles, uint64_t shard, uint64_t n_shards);

/// Appends the results of the following permutations.
/// @throws Error{bad_input} when they do not follow, or belong to another test.
void append(ShuffleResults& results, const ShuffleResults& next);

/// Joins parts; they may come in any order.
/// @throws Error{bad_input} when a permutation is missing or duplicated.
ShuffleResults joined(std::vector<ShuffleResults> parts, uint64_t n_shuffles);

/// The maximum of each permutation over all contrasts of tests with common permutations; the
/// other fields are those of the first.
ShuffleResults over_contrasts(const std::vector<ShuffleResults>& contrasts);

}  // namespace sociometer
