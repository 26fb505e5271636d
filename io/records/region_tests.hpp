#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/roi/region_tests.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer {

/// The figures of a test as tables and records have them; NaN where there is none. What depends on
/// the options is described by the writer.
struct TestFigures {
  double n = 0, n_second = 0, estimate = 0, standard_error = 0, t = 0, dof = 0, p = 0;
  double lower = 0, upper = 0, cohens_d = 0, d_lower = 0, d_upper = 0, hedges_g = 0, partial_r = 0;
  double bf10 = 0, p_permutation = 0, p_fwe = 0, p_holm = 0, p_fdr = 0;
  bool operator==(const TestFigures&) const = default;
};
SOCIOMETER_RECORD(TestFigures) {
  visit("n", self.n, "Participants with a value (of the first group, for two samples)");
  visit("n_second", self.n_second, "Participants of the second group; 0 without one");
  visit("estimate", self.estimate, "Mean, mean difference, or slope");
  visit("standard_error", self.standard_error, "Its standard error");
  visit("t", self.t);
  visit("dof", self.dof, "Degrees of freedom of t");
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper, "Upper end");
  visit(
      "cohens_d", self.cohens_d,
      "Cohen's d: the estimate, less the value tested against, over the standard deviation (pooled "
      "for two samples)");
  visit("d_lower", self.d_lower, "Lower end of its interval by the noncentral t distribution");
  visit("d_upper", self.d_upper, "Upper end");
  visit("hedges_g", self.hedges_g, "d without its bias (exact gamma factor)");
  visit("partial_r", self.partial_r, "Partial correlation, for slopes");
  visit("bf10", self.bf10);
  visit("p_permutation", self.p_permutation);
  visit("p_fwe", self.p_fwe,
        "Permutation p of the largest statistic over all rows of the table (per term)");
  visit("p_holm", self.p_holm, "p after Holm over all rows (per term)");
  visit("p_fdr", self.p_fdr, "p after Benjamini-Hochberg over all rows (per term)");
}
/// The Bayes factor itself, no logarithm.
TestFigures figures_of(const RegionTestResult& test);

/// Rows of roi_tests.tsv that belong together: one term, all regions and contrasts.
struct TestedTerm {
  std::string term;
  std::vector<std::pair<std::string, std::string>> columns;  ///< region and contrast
  std::vector<RegionTestResult> results;                     ///< of each column
};

/// Tests of a table of region values.
struct RegionTestRecord {
  std::string test;  ///< one-sample, paired, two-sample, regression
  std::vector<TestedTerm> terms;
  RegionTestOptions options;
  std::vector<std::string> participants;
  std::string statistic, map_statistic;  ///< of the values, and of the maps they are of, if known
  Eigen::Index left_out = 0;             ///< values
  std::vector<InputFile> inputs;
};

/// Writes PREFIXroi_tests.tsv, and .json with what its columns mean.
/// @param prefix  as name_prefix makes it.
void write_region_tests(const RegionTestRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs);

}  // namespace sociometer
