#include "engine/rsa/item_permutation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"

namespace sociometer {
namespace {

/// Shuffles by Fisher & Yates. @param at  position in the stream, moves on.
void shuffle_in_place(std::vector<Eigen::Index>& values, const CounterRandom& random,
                      uint64_t& at) {
  for (size_t i = values.size(); i > 1; --i) {
    const auto other = size_t(random.uniform(at++) * double(i));
    std::swap(values[i - 1], values[std::min(other, i - 1)]);
  }
}

}  // namespace

std::vector<uint8_t> items_with_pairs(const std::vector<Eigen::Index>& pairs,
                                      Eigen::Index n_items) {
  std::vector<uint8_t> present(static_cast<size_t>(n_items), 0);
  const std::vector<ItemPair> all = pairs_of(n_items);
  for (const Eigen::Index p : pairs)
    for (const Eigen::Index item : all[size_t(p)]) present[size_t(item)] = 1;
  return present;
}

ItemOrders::ItemOrders(const PatternItems& items, const std::vector<uint8_t>& present,
                       uint64_t seed)
    : unit_(items.unit),
      seed_(seed),
      n_items_(items.size()),
      n_conditions_(Eigen::Index(items.conditions.size())) {
  std::map<int, std::vector<Eigen::Index>> by_run;
  for (Eigen::Index i = 0; i < items.size(); ++i)
    if (present[size_t(i)]) by_run[items.items[size_t(i)].run].push_back(i);
  for (auto& [run, block] : by_run) blocks_.push_back(std::move(block));
  if (unit_ == PatternUnit::condition_run)  // items of a run are in the order of conditions
    for (const auto& block : blocks_) possible_ &= Eigen::Index(block.size()) == n_conditions_;
}

std::vector<Eigen::Index> ItemOrders::order(uint64_t number) const {
  std::vector<Eigen::Index> out(static_cast<size_t>(n_items_));
  std::iota(out.begin(), out.end(), 0);
  if (number == 0) return out;
  const CounterRandom random(seed_, number);
  uint64_t at = 0;
  if (unit_ == PatternUnit::condition_run) {
    std::vector<Eigen::Index> conditions(static_cast<size_t>(n_conditions_));
    std::iota(conditions.begin(), conditions.end(), 0);
    shuffle_in_place(conditions, random, at);
    for (const auto& block : blocks_)
      for (size_t c = 0; c < block.size(); ++c)
        out[size_t(block[c])] = block[size_t(conditions[c])];
    return out;
  }
  for (const auto& block : blocks_) {
    std::vector<Eigen::Index> shuffled = block;
    shuffle_in_place(shuffled, random, at);
    for (size_t i = 0; i < block.size(); ++i) out[size_t(block[i])] = shuffled[i];
  }
  return out;
}

ItemPermutation::ItemPermutation(const ModelRdms& rdms, Eigen::Index model,
                                 const PatternItems& items, RdmComparison comparison, uint64_t seed)
    : comparison_(rdms, model, comparison),
      orders_(items, items_with_pairs(comparison_.pairs_, items.size()), seed),
      full_model_(Eigen::VectorXd::Constant(rdms.models.rows(), kNaN)),
      n_items_(items.size()) {
  // Pairs that are used are permuted among themselves, so ranks and scales need no second look. The
  // weights stay with their pairs.
  for (Eigen::Index p = 0; p < comparison_.n_pairs(); ++p) {
    const double weight = comparison_.root_weights_.size() > 0 ? comparison_.root_weights_[p] : 1;
    full_model_[comparison_.pairs_[size_t(p)]] = comparison_.model_[p] / weight;
  }
}

std::vector<double> ItemPermutation::values(const Eigen::Ref<const Eigen::VectorXd>& rdm,
                                            uint64_t n) const {
  if (n == 0 || !orders_.possible() || !comparison_.testable()) return {};
  const Eigen::VectorXd y = comparison_.taken(rdm);
  if (y.size() == 0) return {};
  const std::vector<ItemPair> pairs = pairs_of(n_items_);
  std::vector<double> out{comparison_.of_taken(y, comparison_.model_, false)};
  if (!std::isfinite(out[0])) return {};
  Eigen::VectorXd permuted(comparison_.n_pairs());
  for (uint64_t k = 1; k <= n; ++k) {
    const auto order = orders_.order(k);
    for (Eigen::Index p = 0; p < permuted.size(); ++p) {
      const ItemPair& pair = pairs[size_t(comparison_.pairs_[size_t(p)])];
      permuted[p] =
          full_model_[pair_index(order[size_t(pair[0])], order[size_t(pair[1])], n_items_)];
    }
    if (!permuted.allFinite()) return {};
    if (comparison_.root_weights_.size() > 0) permuted.array() *= comparison_.root_weights_.array();
    out.push_back(comparison_.of_taken(y, permuted, false));
  }
  return out;
}

double ItemPermutation::p(const Eigen::Ref<const Eigen::VectorXd>& rdm, uint64_t n) const {
  return permutation_p(values(rdm, n), comparison_.centred());
}

double permutation_p(const std::vector<double>& values, bool centred) {
  double sum = 0, kept = 0;
  for (const double value : values)
    if (std::isfinite(value)) sum += value, ++kept;
  if (kept < 2 || !std::isfinite(values[0])) return kNaN;
  const double centre = centred ? 0 : sum / kept;
  const double as_far = std::abs(values[0] - centre) * (1 - 1e-10);
  double reached = 0;
  for (const double value : values) reached += std::abs(value - centre) >= as_far;
  return reached / kept;
}

}  // namespace sociometer
