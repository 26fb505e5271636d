#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/roi_pivot.hpp"
#include "engine/roi/individual_differences.hpp"

namespace sociometer::cli {

/// What `roi individual` was asked for.
struct IndividualRequest {
  std::string table;                      ///< region values
  std::vector<std::string> participants;  ///< tables keyed by participant_id
  std::vector<std::string> scores, covariates;
  std::vector<std::string> regions, signals;  ///< none: all of the table
  ValueChoice choice;
  IndividualOptions options;
};

/// @throws Error{usage} for names given twice or in two roles, and values out of range.
void check(const IndividualRequest& request);

/// What was read.
struct IndividualInputs {
  IndividualData data;
  IndividualOptions options;          ///< with the standard deviations of the regressors, if known
  std::vector<std::string> left_out;  ///< participants without some value, score or covariate
  std::string statistic, session;
};

/// Participants with every value, score and covariate; the others are named in a warning.
/// @throws Error{bad_input} when a column is in no table or in several.
IndividualInputs load(const IndividualRequest& request);

}  // namespace sociometer::cli
