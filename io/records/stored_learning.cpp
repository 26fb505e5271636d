#include "io/records/stored_learning.hpp"

namespace sociometer {

StoredStaySwitchSlopes read_stay_switch_slopes(const std::string& record_path) {
  StoredStaySwitchSlopes out;
  out.facts = read_record<StaySwitchSlopeFacts>(record_path).regression;
  const Table table = read_table(table_beside(record_path));
  const int people = table.find("participant_id");
  if (people < 0) fail(ErrorCode::bad_input, "{} has no column 'participant_id'", table.path);
  const std::string error_of = "_standard_error";
  std::vector<std::pair<int, int>> columns;
  for (const auto& name : table.names) {
    if (name == "participant_id" || name.ends_with(error_of)) continue;
    columns.emplace_back(table.find(name), table.find(name + error_of));
    if (columns.back().second < 0)
      fail(ErrorCode::bad_input, "{} has no column '{}{}'", table.path, name, error_of);
    out.terms.push_back(name);
  }
  for (size_t row = 0; row < table.rows.size(); ++row) {
    out.participants.push_back(table.rows[row][size_t(people)]);
    out.slopes.emplace_back();
    for (const auto& [estimate, error] : columns)
      out.slopes.back().push_back({number_in(table, row, estimate), number_in(table, row, error)});
  }
  return out;
}

}  // namespace sociometer
