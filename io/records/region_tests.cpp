#include "io/records/region_tests.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/records/described_table.hpp"
#include "io/records/stored_regions.hpp"

namespace sociometer {
namespace {

/// What columns mean under these options.
DescribedColumns words_of(const RegionTestOptions& o) {
  return {
      {"t", fmt::format("t statistic against {}", o.null_value)},
      {"p", fmt::format("p of t, {}", to_string(o.alternative))},
      {"lower", fmt::format("Lower end of the {:g} % interval of the estimate", 100 * o.level)},
      {"bf10",
       fmt::format("JZS Bayes factor against {}, two-sided, Cauchy scale {:.4g} (slopes: {:.4g})",
                   o.null_value, o.cauchy_scale, o.regression_scale)},
      {"p_permutation",
       fmt::format("Permutation p, {} permutations or all there are, seed {}; signs for means, "
                   "groups for two samples, residuals (Freedman-Lane) for slopes",
                   o.permutations, o.seed)}};
}

RegionTestFacts facts_of(const RegionTestRecord& r) {
  RegionTestFacts facts;
  facts.description = "Tests of region values, one row per region, contrast and term";
  facts.test = r.test;
  if (r.test == "two-sample")
    facts.variances = r.options.equal_variances ? "equal (pooled)" : "unequal (Welch)";
  facts.statistic = r.statistic;
  if (!r.map_statistic.empty()) facts.map_statistic = r.map_statistic;
  facts.alternative = to_string(r.options.alternative);
  facts.participants = r.participants;
  facts.left_out = r.left_out;
  facts.inputs = r.inputs;
  return facts;
}

Json dictionary(const RegionTestRecord& r, DescribedColumns columns, const Provenance& provenance) {
  const RegionTestFacts facts = facts_of(r);
  Json json{{"Description", facts.description}};  // before the columns
  describe_columns(columns, words_of(r.options));
  append(json, dictionary_of(columns));
  append(json, record_to_json(facts));
  provenance.sign(json, RegionTestFacts::kKind);
  return json;
}

}  // namespace

TestFigures figures_of(const RegionTestResult& t) {
  TestFigures f;
  f.n = double(t.n);
  f.n_second = double(t.n_second);
  f.estimate = t.estimate;
  f.standard_error = t.standard_error;
  f.t = t.t;
  f.dof = t.dof;
  f.p = t.p;
  f.lower = t.lower;
  f.upper = t.upper;
  f.cohens_d = t.effect.d;
  f.d_lower = t.effect.d_lower;
  f.d_upper = t.effect.d_upper;
  f.hedges_g = t.effect.g;
  f.partial_r = t.partial_r;
  f.bf10 = std::exp(t.log_bf10);
  f.p_permutation = t.p_permutation;
  f.p_fwe = t.p_fwe;
  f.p_holm = t.p_holm;
  f.p_fdr = t.p_fdr;
  return f;
}

void write_region_tests(const RegionTestRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs) {
  std::vector<RegionTestRow> rows;
  for (const auto& term : record.terms)
    for (size_t i = 0; i < term.results.size(); ++i) {
      const auto& [roi, contrast] = term.columns[i];
      rows.push_back({roi, contrast, record.test, term.term, figures_of(term.results[i])});
    }
  outputs.write(prefix + "roi_tests.tsv", table_of(rows));
  outputs.write(prefix + "roi_tests.json",
                to_text(dictionary(record, columns_of_rows(rows), provenance)));
}

}  // namespace sociometer
