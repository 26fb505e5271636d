#include "cli/jobs/joined_tables.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/mixed/joined_table.hpp"

namespace sociometer::jobs {
namespace {

/// `run_number` counts the images of `trials`, `run` is a label: where one table has this and the
/// other that, trials of different runs would be taken for the same.
void require_runs_alike(const JoinedTablesRequest& a, const MixedTable& table,
                        const MixedTable& other) {
  const auto has = [](const MixedTable& t, const char* name) { return t.has(name); };
  for (const auto& [one, two] : {std::pair{"run_number", "run"}, std::pair{"run", "run_number"}})
    if (has(table, one) && !has(table, two) && has(other, two) && !has(other, one))
      fail(
          ErrorCode::bad_input,
          "{} has runs in a column '{}', {} in '{}'; rename one if they mean the same, or name the "
          "columns that identify trials with --join-by",
          names_of_tables(a.tables), one, names_of_tables(a.join), two);
}

}  // namespace

JoinedTables read_joined_tables(const JoinedTablesRequest& a) {
  JoinedTables out{read_long_tables(a.tables, a.participant), {}, {}, 0};
  if (a.join.empty()) return out;
  const LongTable other = read_long_tables(a.join, a.participant);
  out.files.insert(out.files.end(), other.files.begin(), other.files.end());
  const auto usual = keys_of_trials(a.participant);
  out.keys = a.join_by.empty() ? shared_columns(out.table, other.table, usual) : a.join_by;
  if (a.join_by.empty()) require_runs_alike(a, out.table, other.table);
  if (out.keys.empty())
    fail(ErrorCode::bad_input,
         "{} and {} share none of {}; name the columns that identify trials with --join-by",
         names_of_tables(a.tables), names_of_tables(a.join), fmt::join(usual, ", "));
  JoinCounts counts = with_context(names_of_tables(a.join),
                                   [&] { return join_table(out.table, other.table, out.keys); });
  out.joined = std::move(counts.columns);
  out.without_match = counts.without_match;
  return out;
}

std::string names_of_tables(const std::vector<std::string>& tables) {
  if (tables.size() < 2) return tables.empty() ? "no table" : tables[0];
  return fmt::format("{} and {} more table{}", tables[0], tables.size() - 1,
                     tables.size() == 2 ? "" : "s");
}

}  // namespace sociometer::jobs
