#include "engine/roi/dissociation.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/students_t.hpp>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Columns to test, and their labels.
struct Columns {
  std::vector<NamedTest> about;
  std::vector<Eigen::VectorXd> values;
  void add(NamedTest test, Eigen::VectorXd column) {
    about.push_back(std::move(test));
    values.push_back(std::move(column));
  }
};

NamedTest named(const std::string& region, const std::string& other_region,
                const std::string& signal, const std::string& other_signal) {
  NamedTest test;
  test.region = region;
  test.other_region = other_region;
  test.signal = signal;
  test.other_signal = other_signal;
  return test;
}

std::vector<NamedTest> tested(const Columns& columns, const DissociationOptions& o, int n_threads) {
  if (columns.values.empty()) return {};
  Eigen::MatrixXd y(columns.values[0].size(), Eigen::Index(columns.values.size()));
  for (Eigen::Index c = 0; c < y.cols(); ++c) y.col(c) = columns.values[size_t(c)];
  const auto results = test_one_sample(y, o.tests, n_threads);
  std::vector<NamedTest> out = columns.about;
  for (size_t c = 0; c < out.size(); ++c) {
    out[c].test = results[c];
    const auto column = y.col(Eigen::Index(c));
    out[c].bootstrap = bootstrap_mean({column.data(), size_t(column.size())}, o.interval,
                                      o.tests.level, o.bootstraps, o.tests.seed);
    out[c].finding = finding_of(results[c].estimate, results[c].p, results[c].log_bf10, o.rule);
  }
  return out;
}

Columns cell_columns(const DissociationData& d) {
  Columns out;
  for (size_t r = 0; r < d.regions.size(); ++r)
    for (size_t s = 0; s < d.signals.size(); ++s)
      out.add(named(d.regions[r], "", d.signals[s], ""), d.cells.col(d.column(r, s)));
  return out;
}

Columns simple_columns(const DissociationData& d) {
  Columns out;
  for (size_t r = 0; r < d.regions.size(); ++r)
    for (size_t s = 0; s < d.signals.size(); ++s)
      for (size_t t = s + 1; t < d.signals.size(); ++t)
        out.add(named(d.regions[r], "", d.signals[s], d.signals[t]),
                d.cells.col(d.column(r, s)) - d.cells.col(d.column(r, t)));
  for (size_t s = 0; s < d.signals.size(); ++s)
    for (size_t r = 0; r < d.regions.size(); ++r)
      for (size_t q = r + 1; q < d.regions.size(); ++q)
        out.add(named(d.regions[r], d.regions[q], d.signals[s], ""),
                d.cells.col(d.column(r, s)) - d.cells.col(d.column(q, s)));
  return out;
}

Columns interaction_columns(const DissociationData& d) {
  Columns out;
  for (size_t r = 0; r < d.regions.size(); ++r)
    for (size_t q = r + 1; q < d.regions.size(); ++q)
      for (size_t s = 0; s < d.signals.size(); ++s)
        for (size_t t = s + 1; t < d.signals.size(); ++t)
          out.add(named(d.regions[r], d.regions[q], d.signals[s], d.signals[t]),
                  (d.cells.col(d.column(r, s)) - d.cells.col(d.column(r, t))) -
                      (d.cells.col(d.column(q, s)) - d.cells.col(d.column(q, t))));
  return out;
}

std::vector<PairOfRegions> judged_pairs(const DissociationData& d, const EvidenceRule& rule) {
  std::vector<PairOfRegions> pairs;
  std::vector<PairFigures> figures;
  for (size_t r = 0; r < d.regions.size(); ++r)
    for (size_t q = r + 1; q < d.regions.size(); ++q)
      for (size_t s = 0; s < d.signals.size(); ++s)
        for (size_t t = s + 1; t < d.signals.size(); ++t) {
          const std::vector<Eigen::Index> columns{d.column(r, s), d.column(r, t), d.column(q, s),
                                                  d.column(q, t)};
          figures.push_back(pair_figures(d.cells(Eigen::all, columns), rule));
          pairs.push_back({r, q, s, t, figures.back(), {}});
        }
  const auto verdicts = judge(figures, rule);
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i].verdict = verdicts[i];
  return pairs;
}

}  // namespace

std::vector<std::string> keep_complete(DissociationData& data) {
  std::vector<Eigen::Index> rows;
  std::vector<std::string> kept, left_out;
  for (Eigen::Index i = 0; i < data.cells.rows(); ++i) {
    const bool complete = data.cells.row(i).allFinite();
    if (complete) rows.push_back(i);
    (complete ? kept : left_out).push_back(data.participants[size_t(i)]);
  }
  data.cells = Eigen::MatrixXd(data.cells(rows, Eigen::all));
  data.participants = kept;
  return left_out;
}

std::optional<EquivalenceInterval> equivalence_interval(const RegionTestResult& test,
                                                        const EvidenceRule& rule) {
  if (std::isinf(rule.equivalence_d) || !(test.dof > 0) || std::isnan(test.effect.d)) return {};
  const boost::math::students_t_distribution<double> t(test.dof);
  const double half =
      boost::math::quantile(boost::math::complement(t, rule.alpha)) / std::sqrt(double(test.n));
  const double lower = test.effect.d - half, upper = test.effect.d + half;
  return EquivalenceInterval{lower, upper, std::max(-lower, upper) < rule.equivalence_d};
}

std::string to_string(Finding finding) {
  switch (finding) {
    case Finding::positive:
      return "positive";
    case Finding::negative:
      return "negative";
    case Finding::absent:
      return "absent";
    case Finding::undecided:
      return "undecided";
  }
  return "";
}

Dissociation dissociate(const DissociationData& data, const DissociationOptions& options,
                        int n_threads) {
  const auto n_regions = Eigen::Index(data.regions.size()),
             n_signals = Eigen::Index(data.signals.size());
  Dissociation out;
  out.anova = within_anova(data.cells, n_regions, n_signals);
  if (const RegionTestOptions& o = options.tests; o.permutations > 0) {
    const ShuffleSequence flips = participant_flips(data.cells.rows(), o.permutations, o.seed);
    out.shuffles = flips.size();
    out.exhaustive = flips.exhaustive();
  }
  out.interaction_p_permutation = interaction_permutation_p(
      data.cells, n_regions, n_signals, options.tests.permutations, options.tests.seed, n_threads);
  out.cells = tested(cell_columns(data), options, n_threads);
  out.simple = tested(simple_columns(data), options, n_threads);
  out.interactions = tested(interaction_columns(data), options, n_threads);
  out.pairs = judged_pairs(data, options.rule);
  return out;
}

const NamedTest& find_test(const std::vector<NamedTest>& tests, const std::string& region,
                           const std::string& other_region, const std::string& signal,
                           const std::string& other_signal) {
  for (const auto& test : tests)
    if (test.region == region && test.other_region == other_region && test.signal == signal &&
        test.other_signal == other_signal)
      return test;
  throw std::logic_error("a test of regions and signals that were not analysed");
}

}  // namespace sociometer
