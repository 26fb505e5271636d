#pragma once
#include <string>

#include "engine/stats_models/stats_model.hpp"
#include "engine/stats_models/variables.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {

/// How events hold choices, for signals that are still to be learnt.
struct ExpectedSignals {
  TrialColumns columns;
  double n_ranks = 0;
};

/// @throws Error for the node's LearnSettings or Columns that cannot be read.
ExpectedSignals expected_signals(const EngineSettings& settings);

/// Adds the columns that learning will write, with values in the rows that will have some. The
/// values stand for nothing: columns and weights of a design depend on names and missing values.
/// @param events  as read from `path`.
/// @throws Error{bad_input} for events that learning could not read.
void add_expected_signals(EventTable& events, const std::string& path,
                          const ExpectedSignals& expected);

}  // namespace sociometer::jobs
