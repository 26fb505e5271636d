#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/rsa/patterns.hpp"
#include "engine/rsa/rdm_comparison.hpp"

namespace sociometer {

/// One flag per item: whether at least one of the pairs has it.
std::vector<uint8_t> items_with_pairs(const std::vector<Eigen::Index>& pairs, Eigen::Index n_items);

/// Orders of items under which a model is exchangeable with an RDM if they are unrelated.
///
/// Conditions: any order. Trials: any order within a run, so that pairs stay within or between
/// runs. Conditions in runs: one order of the conditions for all runs, which needs every condition
/// in every run. Items of which a model says nothing stay where they are.
/// Order 0 is the identity; the others are drawn from (seed, number).
class ItemOrders {
 public:
  /// @param present  per item: whether it takes part.
  ItemOrders(const PatternItems& items, const std::vector<uint8_t>& present, uint64_t seed);
  bool possible() const { return possible_; }
  /// Position whose model value each item gets.
  std::vector<Eigen::Index> order(uint64_t number) const;

 private:
  PatternUnit unit_;
  uint64_t seed_;
  bool possible_ = true;
  Eigen::Index n_items_, n_conditions_;
  std::vector<std::vector<Eigen::Index>> blocks_;  ///< items that are exchanged with each other
};

/// Two-sided p of the first of the values among them all: the part of those that exist which is as
/// far from the middle. That is 0 for values that are 0 on average without a relation (centred);
/// else, as for cosines of RDMs without negative values, the mean of the values.
/// @return NaN with fewer than two values.
double permutation_p(const std::vector<double>& values, bool centred);

/// p of a model in one participant: rows and columns of the model's RDM are permuted together.
class ItemPermutation {
 public:
  /// @param model  column of `rdms.models`.
  ItemPermutation(const ModelRdms& rdms, Eigen::Index model, const PatternItems& items,
                  RdmComparison comparison, uint64_t seed);
  /// Values of the model under the orders 0 (the identity) to n: a correlation (partial in
  /// regressions), a cosine, or tau; NaN for an order under which the nuisance RDMs explain it.
  /// @return empty if there is no such test, or a permuted model lacks a value of a pair that is
  /// used.
  /// @cost  n passes over the pairs; kendall: n sorts.
  std::vector<double> values(const Eigen::Ref<const Eigen::VectorXd>& rdm, uint64_t n) const;
  /// permutation_p of these; NaN without them.
  double p(const Eigen::Ref<const Eigen::VectorXd>& rdm, uint64_t n) const;

 private:
  const ModelComparison comparison_;
  ItemOrders orders_;
  Eigen::VectorXd full_model_;  ///< per pair, transformed where it is used, NaN elsewhere
  Eigen::Index n_items_;
};

}  // namespace sociometer
