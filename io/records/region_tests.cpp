#include "io/records/region_tests.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/records/stored_regions.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

std::vector<double> numbers_of(const RegionTestResult& t) {
  return {double(t.n),
          double(t.n_second),
          t.estimate,
          t.standard_error,
          t.t,
          t.dof,
          t.p,
          t.lower,
          t.upper,
          t.effect.d,
          t.effect.d_lower,
          t.effect.d_upper,
          t.effect.g,
          t.partial_r,
          std::exp(t.log_bf10),
          t.p_permutation,
          t.p_fwe,
          t.p_holm,
          t.p_fdr};
}

/// What each column of test_columns() means.
void add_test_dictionary(Json& json, const RegionTestOptions& o) {
  const auto column = [&](const char* name, const std::string& what) {
    json[name] = {{"Description", what}};
  };
  column("n", "Participants with a value (of the first group, for two samples)");
  column("n_second", "Participants of the second group; 0 without one");
  column("estimate", "Mean, mean difference, or slope");
  column("standard_error", "Its standard error");
  column("t", fmt::format("t statistic against {}", o.null_value));
  column("dof", "Degrees of freedom of t");
  column("p", fmt::format("p of t, {}", to_string(o.alternative)));
  column("lower", fmt::format("Lower end of the {:g} % interval of the estimate", 100 * o.level));
  column("upper", "Upper end");
  column("cohens_d", "Cohen's d: estimate over the standard deviation (pooled for two samples)");
  column("d_lower", "Lower end of its interval by the noncentral t distribution");
  column("d_upper", "Upper end");
  column("hedges_g", "d without its bias (exact gamma factor)");
  column("partial_r", "Partial correlation, for slopes");
  column("bf10",
         fmt::format("JZS Bayes factor of the effect against none, two-sided, Cauchy scale {:.4g} "
                     "(slopes: {:.4g})",
                     o.cauchy_scale, o.regression_scale));
  column("p_permutation",
         fmt::format("Permutation p, {} permutations or all there are, seed {}; signs for means, "
                     "groups for two samples, residuals (Freedman-Lane) for slopes",
                     o.permutations, o.seed));
  column("p_fwe", "Permutation p of the largest statistic over all rows of the table (per term)");
  column("p_holm", "p after Holm over all rows (per term)");
  column("p_fdr", "p after Benjamini-Hochberg over all rows (per term)");
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

Json dictionary(const RegionTestRecord& r, const Provenance& provenance) {
  const RegionTestFacts facts = facts_of(r);
  Json json{{"Description", facts.description}};  // before the columns
  json["roi"] = {{"Description", "Region"}};
  json["contrast"] = {{"Description", "Contrast, or difference of two"}};
  json["test"] = {{"Description", "one-sample, paired, two-sample or regression"}};
  json["term"] = {{"Description", "What is tested: the mean, a difference, or a covariate"}};
  add_test_dictionary(json, r.options);
  append(json, record_to_json(facts));
  provenance.sign(json, RegionTestFacts::kKind);
  return json;
}

}  // namespace

const std::vector<std::string>& test_columns() {
  static const std::vector<std::string> names{
      "n",     "n_second",      "estimate", "standard_error", "t",       "dof",      "p",
      "lower", "upper",         "cohens_d", "d_lower",        "d_upper", "hedges_g", "partial_r",
      "bf10",  "p_permutation", "p_fwe",    "p_holm",         "p_fdr"};
  return names;
}

std::vector<std::string> test_cells(const RegionTestResult& test) {
  std::vector<std::string> cells;
  for (double number : numbers_of(test)) cells.push_back(format_number(number));
  return cells;
}

std::vector<std::pair<std::string, double>> test_figures(const RegionTestResult& test) {
  std::vector<std::pair<std::string, double>> figures;
  const auto numbers = numbers_of(test);
  for (size_t i = 0; i < numbers.size(); ++i) figures.emplace_back(test_columns()[i], numbers[i]);
  return figures;
}

void write_region_tests(const RegionTestRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs) {
  std::vector<std::string> names{"roi", "contrast", "test", "term"};
  names.insert(names.end(), test_columns().begin(), test_columns().end());
  std::vector<std::vector<std::string>> rows;
  for (const auto& term : record.terms)
    for (size_t i = 0; i < term.results.size(); ++i) {
      const auto& [roi, contrast] = term.columns[i];
      std::vector<std::string> row{roi, contrast, record.test, term.term};
      const auto cells = test_cells(term.results[i]);
      row.insert(row.end(), cells.begin(), cells.end());
      rows.push_back(row);
    }
  outputs.write(prefix + "roi_tests.tsv", to_tsv(names, rows));
  outputs.write(prefix + "roi_tests.json", to_text(dictionary(record, provenance)));
}

}  // namespace sociometer
