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
  TestFigures figures;
};
SOCIOMETER_RECORD(RegionTestRow) {
  visit("roi", self.roi, "Region");
  visit("contrast", self.contrast, "Contrast, or difference of two");
  visit("test", self.test, "one-sample, paired, two-sample or regression");
  visit("term", self.term, "What is tested: the mean, a difference, or a covariate");
  visit_record(self.figures, visit);
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
