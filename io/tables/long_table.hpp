#pragma once
#include <string>
#include <vector>

#include "engine/mixed/mixed_table.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Tables with a row per trial, one below the other.
struct LongTable {
  MixedTable table;
  std::vector<InputFile> files;
};

/// Reads tables and stacks their rows; a column that one lacks is missing there.
///
/// A table without the participant's column gets it from the `sub-` label of its name or folder,
/// if there is one. From the labels of its name a table gets `session` (`ses-`) if it has none of
/// session, session_id and ses; `task`; and `run` if it has neither run nor run_number.
/// @throws Error{bad_input}: as read_table; a column name twice in a table; two tables with the
/// same content, and a trial_number twice in a table (of a participant, session and run if it has
/// them).
LongTable read_long_tables(const std::vector<std::string>& paths, const std::string& participant);

}  // namespace sociometer
