#include "cli/options/roi_test_options.hpp"

#include <cmath>

#include <CLI/CLI.hpp>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
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

}  // namespace

void add_test_options(CLI::App& c, TestArguments& a) {
  c.add_option("--statistic", a.choice.statistic, "Statistic of the table (default: the only one)");
  c.add_option("--session", a.choice.session, "Session of the table (default: the only one)");
  c.add_option("--min-coverage", a.choice.min_coverage, "Leave out values of less coverage")
      ->capture_default_str();
  c.add_option("--level", a.options.level, "Level of intervals")->capture_default_str();
  c.add_option("--cauchy-scale", a.options.cauchy_scale,
               "Scale of the Cauchy prior of the JZS Bayes factor")
      ->capture_default_str();
  c.add_option("--permutations", a.options.permutations, "Permutations; 0: none")
      ->capture_default_str();
  c.add_option("--seed", a.options.seed, "Seed of permutations and bootstrap")
      ->capture_default_str();
}

RegionTestOptions checked_options(const TestArguments& a) {
  RegionTestOptions o = a.options;
  o.alternative = parse_alternative(a.alternative);
  if (!(o.level > 0 && o.level < 1))
    fail(ErrorCode::usage, "--level is {}; it must lie between 0 and 1", o.level);
  if (!(o.cauchy_scale > 0) || !(o.regression_scale > 0))
    fail(ErrorCode::usage, "a prior scale is {}; it must be positive",
         std::min(o.cauchy_scale, o.regression_scale));
  constexpr uint64_t kMostPermutations = 10'000'000;
  if (o.permutations > kMostPermutations)
    fail(ErrorCode::usage, "--permutations is {}; at most {}", o.permutations, kMostPermutations);
  return o;
}

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

Json test_json(const RegionTestResult& test) {
  Json json;
  const auto numbers = numbers_of(test);
  for (size_t i = 0; i < numbers.size(); ++i) json[test_columns()[i]] = numbers[i];
  return json;
}

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

}  // namespace sociometer::cli
