#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/regions/value_fields.hpp"

namespace sociometer::jobs {

/// The test: against 0, paired, two-sample or regression.
enum class RegionTestKind { one_sample, paired, two_sample, regression };
constexpr std::array<Name<RegionTestKind>, 4> names_of(std::type_identity<RegionTestKind>) {
  return {{{RegionTestKind::one_sample, "one-sample"},
           {RegionTestKind::paired, "paired"},
           {RegionTestKind::two_sample, "two-sample"},
           {RegionTestKind::regression, "regression"}}};
}

/// Tests of region values over participants.
struct TestRequest {
  std::string table;  ///< region values
  ValueChoice choice;
  RegionTestKind test = RegionTestKind::one_sample;
  RegionTestOptions options;
  std::vector<std::pair<std::string, std::string>> pairs;  ///< paired: contrasts
  std::string participants;             ///< table, for two samples and regression
  std::string group;                    ///< two samples: its column with two labels
  std::vector<std::string> covariates;  ///< regression: its columns
  std::string output, prefix;
};
SOCIOMETER_FIELDS(TestRequest) {
  visit("table", self.table);
  visit("choice", self.choice);
  visit("test", self.test);
  visit("options", self.options);
  visit("pairs", self.pairs);
  visit("participants", self.participants);
  visit("group", self.group);
  visit("covariates", self.covariates);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const TestRequest& request);

}  // namespace sociometer::jobs
