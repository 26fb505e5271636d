#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/roi_pivot.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/roi/region_tests.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// The options that `roi test` and `roi dissociate` share.
struct TestArguments {
  std::string table, alternative = "two-sided";
  ValueChoice choice;
  RegionTestOptions options;
};
void add_test_options(CLI::App& command, TestArguments& arguments);

/// @throws Error{usage} for values out of range.
RegionTestOptions checked_options(const TestArguments& arguments);

/// The columns of a test in tables, and their values; for Bayes factors the number itself.
const std::vector<std::string>& test_columns();
std::vector<std::string> test_cells(const RegionTestResult& test);
Json test_json(const RegionTestResult& test);

/// What each column of test_columns() means.
void add_test_dictionary(Json& json, const RegionTestOptions& options);

}  // namespace sociometer::cli
