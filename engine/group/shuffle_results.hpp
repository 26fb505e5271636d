#pragma once
#include <cstdint>
#include <vector>

namespace sociometer {

/// What shuffles k in [first, last) gave. Parts that follow each other add up to the whole.
struct ShuffleResults {
  uint64_t first = 0, last = 0;
  std::vector<double> voxel, tfce, extent, mass;  ///< largest of each map, one per shuffle
  std::vector<uint32_t> reached;  ///< per voxel: shuffles whose statistic reached the observed one
  std::vector<uint32_t> reached_tfce;  ///< whose TFCE did; may be empty
};

/// Numbers of shuffles, [first, last).
struct ShuffleRange {
  uint64_t first = 0, last = 0;
};

/// The part of all shuffles that shard `shard` of `n_shards` does, counted from 1; cut where
/// batches of the arithmetic begin. More shards than batches leave some empty.
ShuffleRange shard_range(uint64_t n_shuffles, uint64_t shard, uint64_t n_shards);

/// Adds what the shuffles that follow gave.
/// @throws Error{bad_input} when they do not follow, or are of another test.
void append(ShuffleResults& results, const ShuffleResults& next);

/// Puts parts together; they may come in any order.
/// @throws Error{bad_input} when a shuffle is missing or there twice.
ShuffleResults joined(std::vector<ShuffleResults> parts, uint64_t n_shuffles);

/// The largest values of each shuffle over all contrasts of tests that are shuffled alike; the rest
/// is that of the first.
ShuffleResults over_contrasts(const std::vector<ShuffleResults>& contrasts);

}  // namespace sociometer
