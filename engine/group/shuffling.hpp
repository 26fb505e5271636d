#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// What may be exchanged when the null hypothesis holds.
enum class ShuffleScheme {
  flips,         ///< signs: errors that are symmetric about 0
  permutations,  ///< orders: errors that are exchangeable
  both,
};
constexpr std::array<Name<ShuffleScheme>, 3> names_of(std::type_identity<ShuffleScheme>) {
  return {{{ShuffleScheme::flips, "flips"},
           {ShuffleScheme::permutations, "permutations"},
           {ShuffleScheme::both, "both"}}};
}
/// For sentences: "sign flips".
std::string to_string(ShuffleScheme scheme);

/// How exchangeability blocks bound what is exchanged.
enum class BlockExchange {
  within,  ///< observations change places within their block; each has a sign of its own
  whole,   ///< blocks of one size change places as they are; a block has one sign
};

constexpr std::array<Name<BlockExchange>, 2> names_of(std::type_identity<BlockExchange>) {
  return {{{BlockExchange::within, "within"}, {BlockExchange::whole, "whole"}}};
}

/// Row i of the shuffled data is sign[i] times row from[i].
struct Shuffle {
  std::vector<int32_t> from;
  std::vector<int8_t> sign;
};

/// All ways to shuffle a group that the design can tell apart, each with a number.
///
/// Observations with equal rows of the design are alike, so only arrangements of the rows count
/// (the permutations of a multiset): 70, not 40,320, for two groups of four. Number 0 leaves
/// everything in place.
/// @source Winkler et al. 2014, NeuroImage 92; Winkler et al. 2015, Multi-level block permutation,
/// NeuroImage 123.
class ShuffleSet {
 public:
  /// @param design  (n_observations, n_columns).
  /// @param blocks  of each observation, from 0; empty: all are one block (and, for whole, blocks
  /// of one observation).
  /// @throws Error{bad_input} when blocks that are to change places whole do not allow it.
  ShuffleSet(const Eigen::MatrixXd& design, ShuffleScheme scheme, const std::vector<int>& blocks,
             BlockExchange exchange);

  /// Natural logarithm of the number of shuffles.
  double log_size() const { return log_size_; }
  /// Number of shuffles; 2^62 where there are as many or more.
  uint64_t size() const { return size_; }
  /// The one that leaves everything in place.
  Shuffle in_place() const;
  /// Shuffle of this number.
  /// @param number  below size(), which must be below 2^62.
  Shuffle numbered(uint64_t number) const;
  /// A shuffle drawn with equal chances from all, for sets of any size.
  Shuffle drawn(uint64_t seed, uint64_t draw) const;

 private:
  /// Units that change places among each other: symbols are arranged over places.
  struct Exchange {
    std::vector<int> places;  ///< units, ascending
    std::vector<int> symbol;  ///< of each place when nothing has moved
    std::vector<int> counts;  ///< places of each symbol
    uint64_t size = 1, identity = 0;
  };
  Exchange make_exchange(const std::vector<int>& places, const Eigen::MatrixXd& design) const;
  void arrange(const Exchange& exchange, const std::vector<int>& arrangement, Shuffle& out) const;
  void flip(size_t unit, Shuffle& out) const;

  Eigen::Index n_;
  std::vector<std::vector<int32_t>> units_;  ///< observations that move together
  std::vector<Exchange> exchanges_;          ///< none for flips
  bool flips_;
  double log_size_ = 0;
  uint64_t size_ = 1;
};

/// The shuffles of a test: all of a small set, else so many at random and no one twice.
///
/// Number 0 leaves everything in place. Any shuffle can be asked for alone, so that the work can be
/// split in any way. Random numbers of shuffles are a keyed permutation of all numbers (a Feistel
/// network over Philox, walked until it falls below the size), which is why none comes twice; sets
/// of 2^62 shuffles and more are drawn from independently, where a repeat among a million draws has
/// a chance below 1e-6.
class ShuffleSequence {
 public:
  /// @param n  shuffles asked for besides the one in place; sets no larger than n + 1 are taken
  /// whole.
  ShuffleSequence(ShuffleSet set, uint64_t n, uint64_t seed);
  uint64_t size() const { return size_; }
  bool exhaustive() const { return exhaustive_; }
  const ShuffleSet& set() const { return set_; }
  Shuffle operator[](uint64_t k) const;

 private:
  ShuffleSet set_;
  uint64_t seed_, size_;
  bool exhaustive_;
};

}  // namespace sociometer
