#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_observations.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_design.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// Whether the first column names participants.
bool is_id_column(const Table& table);

/// The row of a table for each observation, by participant when the table names them.
/// @param repeated_allowed  the table may list a participant more than once; rows then go by place.
/// @throws Error naming what does not match.
std::vector<size_t> rows_of_observations(const Table& table,
                                         const std::vector<Observation>& observations,
                                         bool repeated_allowed, Journal& journal);

/// Columns of numbers, in the order of the observations.
/// @param skipped  a column that is no part of the design; may be empty.
/// @throws Error{bad_input} for words and missing values, pointing to --participants.
GroupDesign read_design_columns(const Table& table, const std::vector<size_t>& rows,
                                const std::string& skipped);

/// A table with a label per observation, by participant when it names them; labels become 0, 1, ..
/// in the order of the observations. An empty path gives none.
std::vector<int> read_group_labels(const std::string& path, const char* option,
                                   const std::vector<Observation>& observations, Journal& journal);

}  // namespace sociometer::jobs
