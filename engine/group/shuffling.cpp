#include "engine/group/shuffling.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"

namespace sociometer {
namespace {

constexpr uint64_t kLargest = uint64_t{1} << 62;

uint64_t limited_product(uint64_t a, uint64_t b) {
  return b != 0 && a >= kLargest / b + 1 ? kLargest : std::min(a * b, kLargest);
}

/// Number of arrangements of a multiset, limited to 2^62: a product of binomials.
uint64_t arrangements(const std::vector<int>& counts) {
  uint64_t total = 1;
  int placed = 0;
  for (const int count : counts)
    for (int k = 1; k <= count; ++k) {
      // total (placed + 1) / k is an integer at each step of a binomial.
      ++placed;
      const auto next = static_cast<unsigned __int128>(total) * unsigned(placed) / unsigned(k);
      if (next >= kLargest) return kLargest;
      total = static_cast<uint64_t>(next);
    }
  return total;
}

double log_arrangements(const std::vector<int>& counts) {
  double log = std::lgamma(std::accumulate(counts.begin(), counts.end(), 0) + 1.0);
  for (const int count : counts) log -= std::lgamma(count + 1.0);
  return log;
}

/// Number of arrangements that begin with a symbol remaining `count` times among `left` places.
uint64_t share(uint64_t total, int count, int left) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(total) * unsigned(count) /
                               unsigned(left));
}

std::vector<int> numbered_arrangement(uint64_t number, std::vector<int> counts) {
  int left = std::accumulate(counts.begin(), counts.end(), 0);
  uint64_t total = arrangements(counts);
  std::vector<int> out;
  for (; left > 0; --left)
    for (size_t s = 0; s < counts.size(); ++s) {
      const uint64_t here = share(total, counts[s], left);
      if (number >= here) {
        number -= here;
        continue;
      }
      total = here;
      --counts[s];
      out.push_back(int(s));
      break;
    }
  return out;
}

uint64_t number_of(const std::vector<int>& arrangement, std::vector<int> counts) {
  int left = int(arrangement.size());
  uint64_t total = arrangements(counts), number = 0;
  for (const int symbol : arrangement) {
    for (int s = 0; s < symbol; ++s) number += share(total, counts[size_t(s)], left);
    total = share(total, counts[size_t(symbol)], left);
    --counts[size_t(symbol)];
    --left;
  }
  return number;
}

/// A permutation of the numbers below `size`, determined by the seed: its value at `k`.
uint64_t keyed_permutation(uint64_t k, uint64_t size, uint64_t seed) {
  int half = 1;
  while (half < 31 && (uint64_t{1} << (2 * half)) < size) ++half;
  const uint64_t low_bits = (uint64_t{1} << half) - 1;
  do {
    uint64_t left = k >> half, right = k & low_bits;
    for (uint32_t round = 0; round < 10; ++round) {
      const auto word = philox4x32({uint32_t(right), round, uint32_t(half), 0x5EED},
                                   {uint32_t(seed), uint32_t(seed >> 32)});
      const uint64_t next = left ^ (word[0] & low_bits);
      left = right;
      right = next;
    }
    k = left << half | right;
  } while (k >= size);
  return k;
}

}  // namespace

std::string to_string(ShuffleScheme scheme) {
  switch (scheme) {
    case ShuffleScheme::flips:
      return "sign flips";
    case ShuffleScheme::permutations:
      return "permutations";
    case ShuffleScheme::both:
      return "permutations and sign flips";
  }
  return "";
}

ShuffleSet::ShuffleSet(const Eigen::MatrixXd& design, ShuffleScheme scheme,
                       const std::vector<int>& blocks, BlockExchange exchange)
    : n_(design.rows()), flips_(scheme != ShuffleScheme::permutations) {
  require(blocks.empty() || Eigen::Index(blocks.size()) == n_, "one block per observation");
  std::map<int, std::vector<int32_t>> members;
  for (int32_t i = 0; i < int32_t(n_); ++i)
    members[blocks.empty() ? 0 : blocks[size_t(i)]].push_back(i);
  const bool whole = exchange == BlockExchange::whole && !blocks.empty();
  std::vector<std::vector<int>> groups;  // units that are exchangeable with each other
  if (whole) {
    std::map<size_t, std::vector<int>> of_size;
    for (const auto& [block, rows] : members) {
      of_size[rows.size()].push_back(int(units_.size()));
      units_.push_back(rows);
    }
    for (const auto& [size, same] : of_size) groups.push_back(same);
  } else {
    for (int32_t i = 0; i < int32_t(n_); ++i) units_.push_back({i});
    for (const auto& [block, rows] : members) groups.emplace_back(rows.begin(), rows.end());
  }
  if (scheme != ShuffleScheme::flips)
    for (const auto& group : groups) exchanges_.push_back(make_exchange(group, design));
  for (const auto& e : exchanges_) {
    log_size_ += log_arrangements(e.counts);
    size_ = limited_product(size_, e.size);
  }
  if (flips_) {
    log_size_ += double(units_.size()) * std::log(2.0);
    size_ = units_.size() >= 62 ? kLargest : limited_product(size_, uint64_t{1} << units_.size());
  }
}

ShuffleSet::Exchange ShuffleSet::make_exchange(const std::vector<int>& places,
                                               const Eigen::MatrixXd& design) const {
  Exchange e;
  e.places = places;
  std::map<std::vector<double>, int> symbols;
  for (const int unit : places) {
    std::vector<double> rows;
    for (const int32_t i : units_[size_t(unit)])
      for (Eigen::Index c = 0; c < design.cols(); ++c) rows.push_back(design(i, c));
    const int symbol = symbols.emplace(rows, int(symbols.size())).first->second;
    e.symbol.push_back(symbol);
    if (size_t(symbol) == e.counts.size()) e.counts.push_back(0);
    ++e.counts[size_t(symbol)];
  }
  e.size = arrangements(e.counts);
  if (e.size < kLargest) e.identity = number_of(e.symbol, e.counts);
  return e;
}

Shuffle ShuffleSet::in_place() const {
  Shuffle out;
  out.from.resize(size_t(n_));
  std::iota(out.from.begin(), out.from.end(), 0);
  out.sign.assign(size_t(n_), 1);
  return out;
}

void ShuffleSet::arrange(const Exchange& e, const std::vector<int>& arrangement,
                         Shuffle& out) const {
  // The k-th unit with a symbol goes to the k-th place with that symbol in the design.
  std::vector<std::vector<int>> places(e.counts.size());
  for (size_t k = 0; k < e.places.size(); ++k) places[size_t(e.symbol[k])].push_back(e.places[k]);
  std::vector<size_t> taken(e.counts.size(), 0);
  for (size_t k = 0; k < e.places.size(); ++k) {
    const auto symbol = size_t(arrangement[k]);
    const auto& to = units_[size_t(places[symbol][taken[symbol]++])];
    const auto& from = units_[size_t(e.places[k])];
    for (size_t i = 0; i < to.size(); ++i) out.from[size_t(to[i])] = from[i];
  }
}

void ShuffleSet::flip(size_t unit, Shuffle& out) const {
  for (const int32_t i : units_[unit]) out.sign[size_t(i)] = -1;
}

Shuffle ShuffleSet::numbered(uint64_t number) const {
  require(number < size_ && size_ < kLargest, "shuffle number within the set");
  Shuffle out = in_place();
  for (const auto& e : exchanges_) {
    // Numbers are rotated so that 0 is the identity.
    const uint64_t mine = (number % e.size + e.identity) % e.size;
    number /= e.size;
    arrange(e, numbered_arrangement(mine, e.counts), out);
  }
  for (size_t unit = 0; flips_ && unit < units_.size(); ++unit)
    if (number >> unit & 1) flip(unit, out);
  return out;
}

Shuffle ShuffleSet::drawn(uint64_t seed, uint64_t draw) const {
  const CounterRandom random(seed, draw);
  uint64_t at = 0;
  Shuffle out = in_place();
  for (const auto& e : exchanges_) {
    std::vector<int> arrangement = e.symbol;
    for (size_t k = arrangement.size(); k > 1; --k)
      std::swap(arrangement[k - 1], arrangement[size_t(random.uniform(at++) * double(k))]);
    arrange(e, arrangement, out);
  }
  for (size_t unit = 0; flips_ && unit < units_.size(); ++unit)
    if (random.uniform(at++) < 0.5) flip(unit, out);
  return out;
}

ShuffleSequence::ShuffleSequence(ShuffleSet set, uint64_t n, uint64_t seed)
    : set_(std::move(set)), seed_(seed) {
  exhaustive_ = set_.size() <= n + 1;
  size_ = exhaustive_ ? set_.size() : n + 1;
}

Shuffle ShuffleSequence::operator[](uint64_t k) const {
  require(k < size_, "shuffle within the sequence");
  if (k == 0) return set_.in_place();
  if (exhaustive_) return set_.numbered(k);
  if (set_.size() >= kLargest) return set_.drawn(seed_, k);
  return set_.numbered(1 + keyed_permutation(k - 1, set_.size() - 1, seed_));
}

}  // namespace sociometer
