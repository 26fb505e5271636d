#pragma once
#include <array>
#include <vector>

#include <Eigen/Dense>

/// Representational dissimilarity matrices (RDMs) of n items are vectors over the pairs (0, 1),
/// (0, 2), .., (n-2, n-1), as R's dist and scipy's pdist order them. NaN: the pair is absent.
namespace sociometer {

using ItemPair = std::array<Eigen::Index, 2>;  ///< the smaller index first

constexpr Eigen::Index n_pairs_of(Eigen::Index n_items) { return n_items * (n_items - 1) / 2; }

/// Position of the pair of two different items, in either order.
constexpr Eigen::Index pair_index(Eigen::Index a, Eigen::Index b, Eigen::Index n_items) {
  const Eigen::Index i = a < b ? a : b, j = a < b ? b : a;
  return i * n_items - i * (i + 1) / 2 + (j - i - 1);
}

/// All pairs in their order.
inline std::vector<ItemPair> pairs_of(Eigen::Index n_items) {
  std::vector<ItemPair> pairs;
  pairs.reserve(size_t(n_pairs_of(n_items)));
  for (Eigen::Index i = 0; i < n_items; ++i)
    for (Eigen::Index j = i + 1; j < n_items; ++j) pairs.push_back({i, j});
  return pairs;
}

}  // namespace sociometer
