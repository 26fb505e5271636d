#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/roi/region_tests.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

/// The columns of a test in tables, and their values; for Bayes factors the number itself.
const std::vector<std::string>& test_columns();
std::vector<std::string> test_cells(const RegionTestResult& test);
std::vector<std::pair<std::string, double>> test_figures(const RegionTestResult& test);

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
