#include "io/models/run_tables.hpp"

#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

int needed_column(const Table& table, const char* name) {
  const int column = table.find(name);
  if (column < 0)
    fail(ErrorCode::bad_input, "{} has no column {}; columns: {}", table.path, name,
         fmt::join(table.names, ", "));
  return column;
}

bool is_numeric(const Table& table, size_t column) {
  for (const auto& row : table.rows) {
    if (is_missing(row[column])) continue;
    char* end = nullptr;
    std::strtod(row[column].c_str(), &end);
    if (end == row[column].c_str() || *end != '\0') return false;
  }
  return true;
}

}  // namespace

EventTable read_event_table(const Table& table, ModelNotes& notes) {
  const std::string& path = table.path;
  const int onset = needed_column(table, "onset"), duration = needed_column(table, "duration");
  EventTable out;
  out.source = path;
  std::vector<size_t> others;
  for (size_t j = 0; j < table.names.size(); ++j)
    if (int(j) != onset && int(j) != duration) {
      others.push_back(j);
      out.names.push_back(table.names[j]);
    }
  out.columns.resize(others.size());
  std::vector<int> dropped, without_duration;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const int line = row < table.line_numbers.size() ? table.line_numbers[row] : int(row) + 2;
    const double start = number_in(table, row, onset);
    double length = number_in(table, row, duration);
    if (std::isnan(start)) {
      dropped.push_back(line);
      continue;
    }
    if (std::isnan(length)) {
      without_duration.push_back(line);
      length = 0;
    }
    out.onset_s.push_back(start);
    out.duration_s.push_back(length);
    out.lines.push_back(line);
    for (size_t j = 0; j < others.size(); ++j) out.columns[j].push_back(table.rows[row][others[j]]);
  }
  if (!dropped.empty())
    notes.warn(fmt::format("{}: {} row(s) without an onset are left out (lines {})", path,
                           dropped.size(), fmt::join(dropped, ", ")));
  if (!without_duration.empty())
    notes.warn(fmt::format("{}: {} event(s) without a duration get 0 s (lines {})", path,
                           without_duration.size(), fmt::join(without_duration, ", ")));
  return out;
}

std::vector<size_t> rows_with_onset(const Table& table) {
  const int onset = needed_column(table, "onset");
  std::vector<size_t> rows;
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (!std::isnan(number_in(table, row, onset))) rows.push_back(row);
  return rows;
}

NamedColumns read_confound_columns(const Table& table) {
  NamedColumns out;
  std::vector<size_t> columns;
  for (size_t j = 0; j < table.names.size(); ++j)
    if (is_numeric(table, j)) columns.push_back(j);
  out.values.resize(Eigen::Index(table.rows.size()), Eigen::Index(columns.size()));
  for (size_t j = 0; j < columns.size(); ++j) {
    out.names.push_back(table.names[columns[j]]);
    for (size_t row = 0; row < table.rows.size(); ++row)
      out.values(Eigen::Index(row), Eigen::Index(j)) = number_in(table, row, int(columns[j]));
  }
  return out;
}

ParticipantColumns participant_columns(const PeopleValues& people) {
  ParticipantColumns out;
  std::map<std::string, std::set<std::string>> differing;
  for (const auto& [key, cells] : people.cells()) {
    const auto& [label, session] = key;
    auto& of_person = out[label];
    auto* row = session.empty() ? &of_person : &out[session_row(label, session)];
    for (const auto& [column, text] : cells) {
      if (is_missing(text)) continue;
      (*row)[column] = text;
      if (session.empty() || people.cells().contains({label, ""})) continue;
      // What all sessions agree on is a value of the person.
      if (!differing[label].contains(column) &&
          of_person.try_emplace(column, text).first->second != text) {
        of_person.erase(column);
        differing[label].insert(column);
      }
    }
  }
  return out;
}

}  // namespace sociometer
