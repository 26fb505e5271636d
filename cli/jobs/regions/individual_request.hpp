#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/value_fields.hpp"

namespace sociometer::jobs {

/// Signals of regions against scores of participants.
struct IndividualRequest {
  std::string table;                      ///< region values
  std::vector<std::string> participants;  ///< tables keyed by participant_id
  std::vector<std::string> scores, covariates;
  std::vector<std::string> regions, signals;  ///< none: all of the table
  ValueChoice choice;
  IndividualOptions options;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(IndividualRequest) {
  visit("table", self.table);
  visit("participants", self.participants);
  visit("scores", self.scores);
  visit("covariates", self.covariates);
  visit("regions", self.regions);
  visit("signals", self.signals);
  visit("choice", self.choice);
  visit("options", self.options);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage} for names given twice or in two roles, and values out of range.
void check(const IndividualRequest& request);

}  // namespace sociometer::jobs
