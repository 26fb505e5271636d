#pragma once
#include <algorithm>

#include <Eigen/Core>

#include "engine/core/parallel.hpp"

namespace sociometer {

/// Calls work(first tile, last tile) on ranges of tiles.
template <typename Work>
void for_tiles(Eigen::Index n_tiles, int n_threads, Work&& work) {
  constexpr Eigen::Index kBatch = 32;
  parallel_for((n_tiles + kBatch - 1) / kBatch, n_threads, [&](Eigen::Index batch) {
    work(batch * kBatch, std::min(n_tiles, (batch + 1) * kBatch));
  });
}

}  // namespace sociometer
