#include "engine/group/shuffled_p.hpp"

#include <algorithm>
#include <iterator>

#include "engine/core/missing.hpp"

namespace sociometer {

std::vector<double> ShuffledP::shares(const std::vector<uint32_t>& reached, uint64_t n) const {
  std::vector<double> p(valid.size(), kNaN);
  for (size_t v = 0; v < p.size(); ++v)
    if (valid[v]) p[v] = double(reached[v]) / double(n);
  return p;
}

std::vector<double> ShuffledP::family_wise(std::vector<double> largest, const ObservedMap& observed,
                                           NullTail& tail) const {
  if (largest.empty()) return {};
  std::vector<double> p(valid.size(), kNaN);
  std::sort(largest.begin(), largest.end());
  if (tail_method != TailMethod::none) {
    std::vector<double> fitted;
    std::ranges::transform(largest, std::back_inserter(fitted), observed.scaled);
    tail = NullTail(tail_method, fitted, tail_p);
  }
  for (size_t v = 0; v < p.size(); ++v) {
    if (!valid[v]) continue;
    const double x = observed.value(v);
    const auto below =
        std::lower_bound(largest.begin(), largest.end(), observed.bar(x)) - largest.begin();
    p[v] = double(largest.size() - size_t(below)) / double(largest.size());
    if (tail.fitted() && (!observed.zero_is_none || x != 0))
      p[v] = tail.p(observed.scaled(x), p[v]);
  }
  return p;
}

}  // namespace sociometer
