#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// What may be exchanged under the null hypothesis.
enum class ShuffleScheme {
  flips,         ///< signs: errors symmetric about 0
  permutations,  ///< orders: exchangeable errors
  both,
};
constexpr std::array<Name<ShuffleScheme>, 3> names_of(std::type_identity<ShuffleScheme>) {
  return {{{ShuffleScheme::flips, "flips"},
           {ShuffleScheme::permutations, "permutations"},
           {ShuffleScheme::both, "both"}}};
}
/// For sentences: "sign flips".
std::string to_string(ShuffleScheme scheme);

/// How exchangeability blocks restrict the exchange.
enum class BlockExchange {
  within,  ///< observations are exchanged within their block; each has its own sign
  whole,   ///< blocks of equal size are exchanged as a whole; a block has one sign
};

constexpr std::array<Name<BlockExchange>, 2> names_of(std::type_identity<BlockExchange>) {
  return {{{BlockExchange::within, "within"}, {BlockExchange::whole, "whole"}}};
}

/// Row i of the permuted data is sign[i] times row from[i].
struct Shuffle {
  std::vector<int32_t> from;
  std::vector<int8_t> sign;
};

/// All distinguishable permutations or sign flips of a group under the design, each with a number.
///
/// Observations with equal rows of the design are interchangeable, so only arrangements of the rows
/// count (permutations of a multiset): 70, not 40,320, for two groups of four. Number 0 is the
/// identity.
/// @source Winkler et al. 2014, NeuroImage 92; Winkler et al. 2015, Multi-level block permutation,
/// NeuroImage 123.
class ShuffleSet {
 public:
  /// @param design  (n_observations, n_columns).
  /// @param blocks  of each observation, from 0; empty: all in one block (and, for whole, blocks
  /// of one observation).
  /// @throws Error{bad_input} when blocks cannot be exchanged as a whole.
  ShuffleSet(const Eigen::MatrixXd& design, ShuffleScheme scheme, const std::vector<int>& blocks,
             BlockExchange exchange);

  /// Natural logarithm of the number of permutations.
  double log_size() const { return log_size_; }
  /// Number of permutations, capped at 2^62.
  uint64_t size() const { return size_; }
  /// The identity.
  Shuffle in_place() const;
  /// The permutation with this number.
  /// @param number  below size(), which must be below 2^62.
  Shuffle numbered(uint64_t number) const;
  /// A permutation drawn uniformly from all, for sets of any size.
  Shuffle drawn(uint64_t seed, uint64_t draw) const;

 private:
  /// Exchangeable units: symbols are arranged over places.
  struct Exchange {
    std::vector<int> places;  ///< units, ascending
    std::vector<int> symbol;  ///< of each place in the identity
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

/// The permutations of a test: all of a small set, else a random sample without replacement.
///
/// Number 0 is the identity. Any permutation can be computed on its own, so that the work can be
/// split in any way. Random indices are a keyed permutation of all numbers (a Feistel
/// network over Philox, iterated until it falls below the size), so none is repeated; sets
/// of 2^62 and more are drawn from independently, where a repeat among a million draws has
/// a probability below 1e-6.
class ShuffleSequence {
 public:
  /// @param n  permutations requested besides the identity; sets of up to n + 1 are enumerated
  /// in full.
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
