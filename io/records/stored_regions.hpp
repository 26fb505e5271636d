#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/dissociation_record.hpp"
#include "io/records/region_tests.hpp"
#include "io/records/table_rows.hpp"

/// What `roi test` wrote, read back (`roi extract`: region_values.hpp; `roi dissociate`:
/// dissociation_record.hpp; `roi individual`: individual_record.hpp).
namespace sociometer {

/// A row of roi_tests.tsv.
struct RegionTestRow {
  std::string roi, contrast, test, term;
  double n = 0, n_second = 0, estimate = 0, standard_error = 0, t = 0, dof = 0, p = 0;
  double lower = 0, upper = 0, cohens_d = 0, d_lower = 0, d_upper = 0, hedges_g = 0, partial_r = 0;
  double bf10 = 0, p_permutation = 0, p_fwe = 0, p_holm = 0, p_fdr = 0;
};
SOCIOMETER_RECORD(RegionTestRow) {
  visit("roi", self.roi);
  visit("contrast", self.contrast);
  visit("test", self.test);
  visit("term", self.term);
  visit("n", self.n);
  visit("n_second", self.n_second);
  visit("estimate", self.estimate);
  visit("standard_error", self.standard_error);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper);
  visit("cohens_d", self.cohens_d);
  visit("d_lower", self.d_lower);
  visit("d_upper", self.d_upper);
  visit("hedges_g", self.hedges_g);
  visit("partial_r", self.partial_r);
  visit("bf10", self.bf10);
  visit("p_permutation", self.p_permutation);
  visit("p_fwe", self.p_fwe);
  visit("p_holm", self.p_holm);
  visit("p_fdr", self.p_fdr);
}
struct RegionTestFacts {
  static constexpr RecordKind kKind = RecordKind::region_tests;
  std::string description;
  std::string test;                      ///< one-sample, paired, two-sample, regression
  std::optional<std::string> variances;  ///< of two samples
  std::string statistic;
  std::optional<std::string> map_statistic;
  std::string alternative;
  std::vector<std::string> participants;
  long left_out = 0;  ///< values
  std::vector<InputFile> inputs;
};
SOCIOMETER_RECORD(RegionTestFacts) {
  visit("Description", self.description);
  visit("Test", self.test);
  visit("Variances", self.variances);
  visit("Statistic", self.statistic);
  visit("MapStatistic", self.map_statistic);
  visit("Alternative", self.alternative);
  visit("Participants", self.participants);
  visit("ValuesLeftOut", self.left_out);
  visit("Inputs", self.inputs);
}
using StoredRegionTests = StoredTable<RegionTestRow, RegionTestFacts>;

}  // namespace sociometer
