#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_observations.hpp"
#include "cli/jobs/read_files.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_design.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// Whether the first column names participants.
bool is_id_column(const Table& table);

/// The row of a table for each observation, matched by participant when the table names them.
/// @param repeated_allowed  participants may occur in several rows; then matched by position.
/// @throws Error naming what does not match.
std::vector<size_t> rows_of_observations(const Table& table,
                                         const std::vector<Observation>& observations,
                                         bool repeated_allowed, Journal& journal);

/// Numeric columns, in the order of the observations.
/// @param skipped  a column that is not part of the design; may be empty.
/// @throws Error{bad_input} for text and missing values, suggesting --participants.
GroupDesign read_design_columns(const Table& table, const std::vector<size_t>& rows,
                                const std::string& skipped);

/// Group label of each observation, matched by participant when the table names them; labels become
/// 0, 1, .. in the order of the observations. An empty path gives an empty vector.
std::vector<int> read_group_labels(const std::string& path, const char* option,
                                   const std::vector<Observation>& observations, ReadFiles& read,
                                   Journal& journal);

}  // namespace sociometer::jobs
