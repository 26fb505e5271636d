#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/trial_cells.hpp"

namespace sociometer {
namespace {

/// Natural order of participants, sessions and runs.
struct NaturalOrder {
  bool operator()(const std::vector<std::string>& a, const std::vector<std::string>& b) const {
    // 1 and 01 are different participants.
    const auto less = [](const std::string& x, const std::string& y) {
      return natural_less(x, y) || (!natural_less(y, x) && x < y);
    };
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less);
  }
};

/// Sessions and runs are optional: their default columns may be absent.
ColumnSource if_there(const Table& table, const ColumnSource& source, const ColumnSource& usual) {
  if (source.column == usual.column && table.find(source.column) < 0) return {};
  return source;
}

void check_labels(const std::vector<PersonTable>& people, const Table& table,
                  const std::vector<std::string>& labels) {
  for (const auto& label : labels)
    if (std::none_of(people.begin(), people.end(),
                     [&](const auto& p) { return p.label == bare_participant(label); }))
      fail(ErrorCode::bad_input, "{} has no participant {}", table.path, bare_participant(label));
}

}  // namespace

std::vector<PersonTable> people_of(const Table& table, const TrialColumns& columns,
                                   const std::vector<std::string>& labels) {
  if (!columns.participant.given())
    fail(ErrorCode::bad_input, "a table of all people needs the mapping of participant");
  const TrialColumns usual;
  const Cells person(table, columns.participant, "participant"),
      session(table, if_there(table, columns.session, usual.session), "session"),
      run(table, if_there(table, columns.run, usual.run), "run");
  const auto text = [](const Cells& cells, size_t row) {
    return cells.given() ? cells.text(row) : std::string();
  };
  std::map<std::vector<std::string>, Table, NaturalOrder> parts;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const std::string label = bare_participant(person.text(row));
    if (label.empty()) person.refuse(row, person.raw(row), "a participant's name");
    auto& part = parts[{label, text(session, row), text(run, row)}];
    part.path = table.path;
    part.names = table.names;
    part.rows.push_back(table.rows[row]);
    part.line_numbers.push_back(table.line_numbers[row]);
  }
  if (parts.empty()) fail(ErrorCode::bad_input, "{} has a header and no rows", table.path);
  parts.begin()->second.has_row_names = table.has_row_names;  // reported once
  std::vector<PersonTable> people;
  for (auto& [key, part] : parts) {
    if (people.empty() || people.back().label != key[0]) people.push_back({key[0], {}});
    people.back().runs.push_back(std::move(part));
  }
  check_labels(people, table, labels);
  if (!labels.empty())
    std::erase_if(people, [&](const PersonTable& p) {
      return std::none_of(labels.begin(), labels.end(),
                          [&](const auto& label) { return bare_participant(label) == p.label; });
    });
  return people;
}

}  // namespace sociometer
