#include "engine/roi/dissociation.hpp"

#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Columns to test, and what each is about.
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
    out[c].finding = finding_of(results[c], o);
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

bool shown(const NamedTest& test) {
  return test.finding == Finding::positive || test.finding == Finding::negative;
}

/// The finding of "first minus second" whichever way round it is stored.
Finding signal_preference(const Dissociation& result, const std::string& region,
                          const std::string& preferred, const std::string& other) {
  for (const auto& test : result.simple) {
    if (test.region != region || !test.other_region.empty()) continue;
    if (test.signal == preferred && test.other_signal == other) return test.finding;
    if (test.signal != other || test.other_signal != preferred) continue;
    return test.finding == Finding::positive   ? Finding::negative
           : test.finding == Finding::negative ? Finding::positive
                                               : test.finding;
  }
  return Finding::undecided;
}

const NamedTest& interaction_of(const Dissociation& result, const std::string& a,
                                const std::string& b, const std::string& x, const std::string& y) {
  for (const auto& test : result.interactions) {
    const bool regions = (test.region == a && test.other_region == b) ||
                         (test.region == b && test.other_region == a);
    const bool signals = (test.signal == x && test.other_signal == y) ||
                         (test.signal == y && test.other_signal == x);
    if (regions && signals) return test;
  }
  throw std::logic_error("an interaction of regions and signals that were not analysed");
}

}  // namespace

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

Finding finding_of(const RegionTestResult& test, const DissociationOptions& options) {
  if (test.p < options.alpha) return test.estimate > 0 ? Finding::positive : Finding::negative;
  return test.log_bf10 <= -std::log(options.evidence) ? Finding::absent : Finding::undecided;
}

Dissociation dissociate(const DissociationData& data, const DissociationOptions& options,
                        int n_threads) {
  const auto n_regions = Eigen::Index(data.regions.size()),
             n_signals = Eigen::Index(data.signals.size());
  Dissociation out;
  out.anova = within_anova(data.cells, n_regions, n_signals);
  out.interaction_p_permutation = interaction_permutation_p(
      data.cells, n_regions, n_signals, options.tests.permutations, options.tests.seed, n_threads);
  out.cells = tested(cell_columns(data), options, n_threads);
  out.simple = tested(simple_columns(data), options, n_threads);
  out.interactions = tested(interaction_columns(data), options, n_threads);
  return out;
}

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::double_dissociation:
      return "double dissociation";
    case Verdict::crossover:
      return "crossover";
    case Verdict::interaction_only:
      return "interaction only";
    case Verdict::similar:
      return "no interaction";
    case Verdict::undecided:
      return "undecided";
  }
  return "";
}

Verdict verdict_of(const Dissociation& result, const std::string& a, const std::string& b,
                   const std::string& x, const std::string& y, const DissociationOptions&) {
  const NamedTest& interaction = interaction_of(result, a, b, x, y);
  if (interaction.finding == Finding::absent) return Verdict::similar;
  if (!shown(interaction)) return Verdict::undecided;
  const auto cell = [&](const std::string& region, const std::string& signal) -> const NamedTest& {
    return find_test(result.cells, region, "", signal, "");
  };
  if (shown(cell(a, x)) && shown(cell(b, y)) && cell(a, y).finding == Finding::absent &&
      cell(b, x).finding == Finding::absent)
    return Verdict::double_dissociation;
  if (signal_preference(result, a, x, y) == Finding::positive &&
      signal_preference(result, b, y, x) == Finding::positive)
    return Verdict::crossover;
  return Verdict::interaction_only;
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
