#include "engine/group/shuffle_results.hpp"

#include <algorithm>

#include "engine/core/error.hpp"
#include "engine/group/shuffled_statistics.hpp"

namespace sociometer {

ShuffleRange shard_range(uint64_t n_shuffles, uint64_t shard, uint64_t n_shards) {
  require(shard >= 1 && shard <= n_shards, "shard within the shards");
  const uint64_t n_batches = (n_shuffles + kShuffleBatch - 1) / kShuffleBatch;
  const auto from = [&](uint64_t s) {
    const auto batch = static_cast<unsigned __int128>(n_batches) * s / n_shards;
    return std::min(n_shuffles, static_cast<uint64_t>(batch) * kShuffleBatch);
  };
  return {from(shard - 1), from(shard)};
}

void append(ShuffleResults& results, const ShuffleResults& next) {
  if (next.first != results.last)
    fail(ErrorCode::bad_input, "shuffles {} to {} are {}; merge each part once",
         std::min(next.first, results.last), std::max(next.first, results.last),
         next.first < results.last ? "there twice" : "missing");
  if (next.reached.size() != results.reached.size() ||
      next.reached_tfce.size() != results.reached_tfce.size())
    fail(ErrorCode::shape_mismatch, "shuffles of {} voxels cannot be added to those of {}",
         next.reached.size() + next.reached_tfce.size(),
         results.reached.size() + results.reached_tfce.size());
  for (const auto member : {&ShuffleResults::voxel, &ShuffleResults::tfce, &ShuffleResults::extent,
                            &ShuffleResults::mass})
    (results.*member).insert((results.*member).end(), (next.*member).begin(), (next.*member).end());
  for (const auto member : {&ShuffleResults::reached, &ShuffleResults::reached_tfce})
    for (size_t v = 0; v < (next.*member).size(); ++v) (results.*member)[v] += (next.*member)[v];
  results.last = next.last;
}

ShuffleResults joined(std::vector<ShuffleResults> parts, uint64_t n_shuffles) {
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.last) < std::pair(b.first, b.last);
  });
  ShuffleResults out;
  if (!parts.empty()) {
    out.reached.assign(parts[0].reached.size(), 0);
    out.reached_tfce.assign(parts[0].reached_tfce.size(), 0);
  }
  for (const auto& part : parts) append(out, part);
  if (out.last != n_shuffles)
    fail(ErrorCode::bad_input, "shuffles {} to {} are missing; merge all parts", out.last,
         n_shuffles);
  return out;
}

ShuffleResults over_contrasts(const std::vector<ShuffleResults>& contrasts) {
  ShuffleResults out = contrasts.at(0);
  for (const auto& one : contrasts)
    for (const auto member : {&ShuffleResults::voxel, &ShuffleResults::tfce,
                              &ShuffleResults::extent, &ShuffleResults::mass})
      for (size_t k = 0; k < (out.*member).size(); ++k)
        (out.*member)[k] = std::max((out.*member)[k], (one.*member)[k]);
  return out;
}

}  // namespace sociometer
