#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "io/records/described_table.hpp"

namespace sociometer::jobs {

/// One trial of all runs, in the order of runs and events: its number is its position + 1.
struct ListedTrial {
  size_t run = 0;          ///< from 0
  size_t trial = 0;        ///< position among the run's trials
  size_t event_index = 0;  ///< position among the run's events
  const Event* event = nullptr;
  TrialFacts facts;
  std::string why_not;  ///< empty if it has an amplitude
};

/// The trials of all prepared runs.
std::vector<ListedTrial> list_trials(const FitInputs& runs);

/// A column of the events for every trial: trial_type, or a column of the tables; empty where it
/// is missing.
/// @throws Error{bad_input} when no events table has the column.
std::vector<std::string> values_of_trials(const std::string& column, const FitInputs& runs,
                                          const std::vector<ListedTrial>& trials);

/// The table of trials: ours first, then the columns of the events tables.
struct TrialTable {
  DescribedColumns columns;
  TableRows rows;
};
TrialTable trial_table(const FitInputs& runs, const std::vector<ListedTrial>& trials);

}  // namespace sociometer::jobs
