#pragma once
#include <string>
#include <vector>

#include "engine/mixed/mixed_table.hpp"

namespace sociometer {

/// What a join of two tables found.
struct JoinCounts {
  std::vector<std::string> columns;  ///< that were added
  size_t without_match = 0;          ///< rows whose keys the other table does not have
};

/// Adds the columns of `other` to the rows of `table` that have the same words in the key columns
/// (numbers: the same value). Rows without a match get missing values.
/// What is missing in a column of `table` that `other` has too is filled from there.
/// @throws Error{bad_input} for a key that one table lacks or that two rows of `other` share, and
/// for a column that both have with different values.
JoinCounts join_table(MixedTable& table, const MixedTable& other,
                      const std::vector<std::string>& keys);

/// Columns that identify trials, as tables usually call them: the participant, session,
/// session_id, ses, task, run_number, run, trial_number, trial.
std::vector<std::string> keys_of_trials(const std::string& participant);

/// The columns among `candidates` that both tables have.
std::vector<std::string> shared_columns(const MixedTable& a, const MixedTable& b,
                                        const std::vector<std::string>& candidates);

}  // namespace sociometer
