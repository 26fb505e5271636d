#include "cli/jobs/group/group_design_table.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/fsl_designs.hpp"

namespace sociometer::jobs {
namespace {

/// A table's rows are matched to maps by position; participants in its first column must then not
/// contradict the labels in the maps' paths.
void check_places(const Table& table, const std::vector<Observation>& maps) {
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::string label = maps[i].participant, &row = table.rows[i][0];
    if (!label.empty() && row != label && row != label.substr(4))
      fail(
          ErrorCode::bad_input,
          "{}: row {} is of {}, map {} of {} ({}); as participants are listed more than once, give "
          "the rows in the order of the maps",
          table.path, i + 1, row, i + 1, label, maps[i].path);
  }
}

}  // namespace

bool is_id_column(const Table& table) {
  static const std::set<std::string> known{"participant_id", "participant", "subject", "sub",
                                           "subject_id"};
  return !table.names.empty() && known.count(table.names[0]) > 0;
}

std::vector<size_t> rows_of_observations(const Table& table, const std::vector<Observation>& maps,
                                         bool repeated_allowed, Journal& journal) {
  std::vector<size_t> order(maps.size());
  for (size_t i = 0; i < maps.size(); ++i) order[i] = i;
  const bool named = is_id_column(table);
  std::map<std::string, size_t> row_of;
  bool repeated = false;
  for (size_t r = 0; named && r < table.rows.size(); ++r) {
    const auto [first, fresh] = row_of.emplace(table.rows[r][0], r);
    if (fresh) continue;
    repeated = true;
    if (!repeated_allowed)
      fail(ErrorCode::bad_input,
           "{}: participant {} is listed twice (rows {} and {}); several maps of one participant "
           "are not independent: leave one out, or distinguish them by --within or, "
           "for permutations alone, --blocks",
           table.path, table.rows[r][0], first->second + 1, r + 1);
  }
  if (table.rows.size() != maps.size())
    fail(ErrorCode::shape_mismatch, "{} has {} rows, --effects has {} maps; give one row per map{}",
         table.path, table.rows.size(), maps.size(),
         named ? ", or the table as --participants, which leaves out people without maps" : "");
  if (!named || maps[0].path == maps.back().path) return order;
  const auto labelled = size_t(
      std::ranges::count_if(maps, [](const Observation& map) { return !map.participant.empty(); }));
  if (labelled == 0) {
    journal.warn(
        fmt::format("no map has sub-<label> in its path: the rows of {} are taken in the order of "
                    "the maps, whatever its {} say",
                    table.path, table.names[0]));
    return order;
  }
  for (const Observation& map : maps)
    if (map.participant.empty())
      fail(ErrorCode::bad_input,
           "{} has no sub-<label> in its path, {} of {} maps have; give all maps one, or leave the "
           "participants out of {}",
           map.path, labelled, maps.size(), table.path);
  if (repeated) {
    check_places(table, maps);
    return order;
  }
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::string label = maps[i].participant;
    auto row = row_of.find(label);
    if (row == row_of.end()) row = row_of.find(label.substr(4));
    if (row == row_of.end())
      fail(ErrorCode::bad_input, "{} has no row for {} ({})", table.path, label, maps[i].path);
    order[i] = row->second;
  }
  return order;
}

GroupDesign read_design_columns(const Table& table, const std::vector<size_t>& rows,
                                const std::string& skipped) {
  GroupDesign design;
  std::vector<int> columns;
  for (size_t c = is_id_column(table) ? 1 : 0; c < table.names.size(); ++c)
    if (skipped.empty() || table.names[c] != skipped) {
      design.names.push_back(table.names[c]);
      columns.push_back(int(c));
    }
  design.values.resize(Eigen::Index(rows.size()), Eigen::Index(columns.size()));
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string &name = design.names[c], &cell = table.rows[rows[i]][size_t(columns[c])];
      if (is_missing(cell))
        fail(ErrorCode::bad_input,
             "column '{}' of {} has no number in row {}; leave that participant out, fill the "
             "value in, or give the table as --participants with --covariates {} "
             "--missing-covariates listwise",
             name, table.path, rows[i] + 1, name);
      try {
        design.values(Eigen::Index(i), Eigen::Index(c)) = number_in(table, rows[i], columns[c]);
      } catch (const Error& error) {
        fail(ErrorCode::bad_input,
             "{}; words are no columns of --design: give the table as "
             "--participants with --factor {}",
             error.what(), name);
      }
    }
  return design;
}

std::vector<int> read_group_labels(const std::string& path, const char* option,
                                   const std::vector<Observation>& maps, ReadFiles& read,
                                   Journal& journal) {
  if (path.empty()) return {};
  const Table table = read_group_table(path);
  read.add(table.file());
  const size_t column = is_id_column(table) && table.names.size() > 1 ? 1 : 0;
  if (table.names.size() > column + 1)
    fail(ErrorCode::bad_input, "{} ({}) has {} columns of labels; give one", path, option,
         table.names.size() - column);
  std::vector<size_t> rows(maps.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (column == 1)
    rows = rows_of_observations(table, maps, true, journal);
  else if (table.rows.size() != maps.size())
    fail(ErrorCode::shape_mismatch, "{} ({}) has {} rows, --effects has {} maps", path, option,
         table.rows.size(), maps.size());
  std::map<std::string, int> numbers;
  std::vector<int> out;
  for (const size_t r : rows) {
    if (is_missing(table.rows[r][column]))
      fail(ErrorCode::bad_input, "{} ({}) has no label in row {}", path, option, r + 1);
    out.push_back(numbers.emplace(table.rows[r][column], int(numbers.size())).first->second);
  }
  return out;
}

}  // namespace sociometer::jobs
