#include "engine/rsa/two_factor.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/rsa/item_permutation.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// Streams of drawings; orders of permutations have smaller numbers.
constexpr uint64_t kFirstStream = uint64_t{1} << 40;
/// Of three conditions, most drawings have fewer than three different pairs.
constexpr Eigen::Index kLeastConditions = 4;

/// Pairs that every participant has; empty if there is no such test.
std::vector<Eigen::Index> shared_pairs(const std::vector<PersonRdm>& people, Eigen::Index model,
                                       const RsaOptions& options) {
  std::vector<Eigen::Index> has;
  for (const auto& [person, rdm] : people) {
    if (person->items.unit != PatternUnit::condition || rdm->size() == 0) return {};
    if (!same_items(person->items, people[0].person->items)) return {};
    has.resize(size_t(rdm->size()), 0);
    const ModelComparison own(available_rdms(*person, options.dissimilarity), model,
                              options.comparison);
    for (const Eigen::Index pair : own.pairs()) ++has[size_t(pair)];
  }
  std::vector<Eigen::Index> shared;
  for (size_t pair = 0; pair < has.size(); ++pair)
    if (has[pair] == Eigen::Index(people.size())) shared.push_back(Eigen::Index(pair));
  return shared;
}

/// A model's value over a list of pairs, in which a pair may occur more than once.
double value_over(const PersonRdm& of, Eigen::Index model, RdmComparison comparison,
                  const std::vector<Eigen::Index>& pairs) {
  const ModelRdms& all = of.person->rdms;
  ModelRdms listed{all.models(pairs, Eigen::all), {}, std::vector<uint8_t>(pairs.size(), 1), {}};
  listed.nuisance.resize(Eigen::Index(pairs.size()), all.nuisance.cols());
  if (all.nuisance.cols() > 0) listed.nuisance = all.nuisance(pairs, Eigen::all);
  if (all.weights.size() > 0) listed.weights = all.weights(pairs);
  return ModelComparison(listed, model, comparison).value(Eigen::VectorXd((*of.rdm)(pairs)));
}

Eigen::VectorXd values_over(const std::vector<PersonRdm>& people, Eigen::Index model,
                            RdmComparison comparison, const std::vector<Eigen::Index>& pairs) {
  Eigen::VectorXd out(Eigen::Index(people.size()));
  for (size_t i = 0; i < people.size(); ++i)
    out[Eigen::Index(i)] = value_over(people[i], model, comparison, pairs);
  return out;
}

/// Pairs of as many conditions, drawn with replacement; without those of a condition with itself.
class ConditionDraws {
 public:
  ConditionDraws(const std::vector<Eigen::Index>& pairs, Eigen::Index n_items, uint64_t seed)
      : seed_(seed), n_items_(n_items), shared_(size_t(n_pairs_of(n_items)), 0) {
    for (const Eigen::Index pair : pairs) shared_[size_t(pair)] = 1;
    const auto present = items_with_pairs(pairs, n_items);
    for (Eigen::Index i = 0; i < n_items; ++i)
      if (present[size_t(i)]) conditions_.push_back(i);
  }
  Eigen::Index n_conditions() const { return Eigen::Index(conditions_.size()); }
  std::vector<Eigen::Index> pairs(uint64_t number) const {
    const CounterRandom random(seed_, kFirstStream + number);
    const size_t k = conditions_.size();
    std::vector<Eigen::Index> drawn, out;
    for (size_t i = 0; i < k; ++i)
      drawn.push_back(conditions_[std::min(k - 1, size_t(random.uniform(i) * double(k)))]);
    for (size_t i = 0; i < k; ++i)
      for (size_t j = i + 1; j < k; ++j) {
        if (drawn[i] == drawn[j]) continue;
        const Eigen::Index pair = pair_index(drawn[i], drawn[j], n_items_);
        if (shared_[size_t(pair)]) out.push_back(pair);
      }
    return out;
  }

 private:
  uint64_t seed_;
  Eigen::Index n_items_;
  std::vector<uint8_t> shared_;
  std::vector<Eigen::Index> conditions_;
};

/// Different pairs that a comparison needs to leave something over: copies of a pair are none, and
/// what is fitted exactly is 1 or -1 whatever the patterns are.
size_t least_pairs(const ModelRdms& rdms, RdmComparison comparison) {
  const Eigen::Index others = is_regression(comparison) ? rdms.models.cols() - 1 : 0;
  return size_t(3 + rdms.nuisance.cols() + others);
}

size_t n_different(std::vector<Eigen::Index> pairs) {
  std::sort(pairs.begin(), pairs.end());
  return size_t(std::unique(pairs.begin(), pairs.end()) - pairs.begin());
}

/// Mean squared deviation from the mean.
double spread(const Eigen::VectorXd& values) {
  return (values.array() - values.mean()).square().mean();
}

double p_of(double t, double dof, Alternative alternative) {
  if (alternative == Alternative::greater) return p_from_t(t, dof);
  if (alternative == Alternative::less) return p_from_t(-t, dof);
  return std::min(1.0, 2 * p_from_t(std::abs(t), dof));
}

TwoFactorTest without_test() { return {0, 0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}; }

}  // namespace

double two_factor_variance(double v_people, double v_conditions, double v_both, double n,
                           double k) {
  const double s = n / (n - 1) * v_people, c = k / (k - 1) * v_conditions;
  const double v = s + c - n * k / ((n - 1) * (k - 1)) * (v_both - v_people - v_conditions);
  return std::isnan(v) ? kNaN : std::clamp(v, std::max(s, c), s + c);
}

TwoFactorTest two_factor_test(const std::vector<PersonRdm>& people, Eigen::Index model,
                              const RsaOptions& options, uint64_t n_draws,
                              Alternative alternative) {
  TwoFactorTest out = without_test();
  if (people.size() < 2 || n_draws < 2 || !is_centred(options.comparison)) return out;
  const std::vector<Eigen::Index> pairs = shared_pairs(people, model, options);
  const ConditionDraws draws(pairs, people[0].person->items.size(), options.seed);
  if (pairs.empty() || draws.n_conditions() < kLeastConditions) return out;
  const Eigen::VectorXd observed = values_over(people, model, options.comparison, pairs);
  if (!observed.allFinite()) return out;
  const size_t least = least_pairs(people[0].person->rdms, options.comparison);
  std::vector<double> means;
  double within = 0;  // spread of people, given the conditions
  for (uint64_t b = 1; b <= n_draws; ++b) {
    const std::vector<Eigen::Index> drawn = draws.pairs(b);
    if (n_different(drawn) < least) continue;
    const Eigen::VectorXd values = values_over(people, model, options.comparison, drawn);
    if (!values.allFinite()) continue;
    means.push_back(values.mean());
    within += spread(values);
  }
  out.n_draws = means.size();
  out.n_conditions = draws.n_conditions();
  out.mean = observed.mean();
  if (2 * means.size() < n_draws) return out;
  const double n = double(people.size()), k = double(out.n_conditions), used = double(means.size());
  // The mean of n people drawn with replacement has their spread over n as its variance.
  const double v_people = spread(observed) / n,
               v_conditions = spread(Eigen::Map<const Eigen::VectorXd>(
                                  means.data(), Eigen::Index(means.size()))) *
                              used / (used - 1),
               v_both = v_conditions + within / used / n;
  out.of_drawings = v_both;
  out.of_people = n / (n - 1) * v_people;
  out.of_conditions = k / (k - 1) * v_conditions;
  out.variance = two_factor_variance(v_people, v_conditions, v_both, n, k);
  if (!(out.variance > 0)) return out;
  out.t = out.mean / std::sqrt(out.variance);
  out.dof = std::min(n, k) - 1;
  out.p = p_of(out.t, out.dof, alternative);
  return out;
}

}  // namespace sociometer
