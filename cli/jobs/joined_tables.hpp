#pragma once
#include <string>
#include <vector>

#include "io/tables/long_table.hpp"

namespace sociometer::jobs {

/// Tables with a row per trial, stacked, and those whose columns are added to the same trials.
struct JoinedTablesRequest {
  const std::vector<std::string>& tables;
  const std::vector<std::string>& join;
  const std::vector<std::string>& join_by;  ///< empty: keys_of_trials() that both have
  const std::string& participant;           ///< column
};

struct JoinedTables : LongTable {
  std::vector<std::string> keys;    ///< by which they were joined
  std::vector<std::string> joined;  ///< columns that were added
  size_t without_match = 0;         ///< rows
};

/// @throws Error{bad_input} as read_long_tables and join_table, and if there is no key.
JoinedTables read_joined_tables(const JoinedTablesRequest& request);

/// "trials.tsv", "trials.tsv and 3 more tables": for messages about their rows and columns.
std::string names_of_tables(const std::vector<std::string>& tables);

}  // namespace sociometer::jobs
