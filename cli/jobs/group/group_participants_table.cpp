#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/group/group_design_table.hpp"
#include "cli/jobs/group/group_participants.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Looks up a table's rows by the file names in a column.
class RowsByFile {
 public:
  RowsByFile(const Table& table, int column) {
    if (column < 0) return;
    const fs::path folder = fs::path(table.path).parent_path();
    for (size_t r = 0; r < table.rows.size(); ++r) {
      const fs::path listed = table.rows[r][size_t(column)];
      paths_[real(listed)].insert(r);
      paths_[real(folder / listed)].insert(r);
      names_[listed.filename().string()].insert(r);
    }
  }
  /// Rows whose path, relative to here or to the table's folder, is the map's; else by file name.
  std::set<size_t> find(const std::string& map) const {
    if (const auto found = paths_.find(real(map)); found != paths_.end()) return found->second;
    const auto found = names_.find(fs::path(map).filename().string());
    return found == names_.end() ? std::set<size_t>{} : found->second;
  }

 private:
  static std::string real(const fs::path& path) {
    std::error_code ignored;
    return fs::weakly_canonical(fs::absolute(path), ignored).string();
  }
  std::map<std::string, std::set<size_t>> paths_, names_;
};

}  // namespace

ParticipantsTable::ParticipantsTable(const std::string& path) : table_(read_table(path)) {
  id_ = is_id_column(table_) ? 0 : table_.find("participant_id");
  if (id_ < 0)
    fail(ErrorCode::bad_input, "{} has no column participant_id; it has: {}", path,
         fmt::join(table_.names, ", "));
  if (table_.rows.empty()) fail(ErrorCode::bad_input, "{} has a header and no rows", path);
  for (size_t r = 0; r < table_.rows.size(); ++r) {
    const std::string label = bare_participant(table_.rows[r][size_t(id_)]);
    const auto [other, fresh] = row_of_.emplace(label, r);
    if (!fresh)
      fail(ErrorCode::bad_input,
           "{} lists {} twice (lines {} and {}); --participants has one row per person", path,
           label, table_.line_numbers[other->second], table_.line_numbers[r]);
  }
}

std::string ParticipantsTable::participant(size_t row) const {
  return "sub-" + bare_participant(table_.rows[row][size_t(id_)]);
}

void ParticipantsTable::name_in_order(std::vector<Observation>& observations) const {
  if (table_.rows.size() != observations.size())
    fail(ErrorCode::shape_mismatch, "--in-order: {} has {} rows, --effects has {} maps",
         table_.path, table_.rows.size(), observations.size());
  for (size_t i = 0; i < observations.size(); ++i) {
    const std::string said = observations[i].participant;
    if (!said.empty() && said != participant(i))
      fail(ErrorCode::bad_input, "--in-order: row {} of {} is of {}, map {} of {} ({})", i + 1,
           table_.path, participant(i), i + 1, said, observations[i].path);
    observations[i].participant = participant(i);
  }
}

void ParticipantsTable::name_participants(std::vector<Observation>& observations) const {
  int column = -1;
  for (const char* name : {"map_file", "effects_file", "file"})
    if (column < 0) column = table_.find(name);
  const RowsByFile rows(table_, column);
  for (Observation& one : observations) {
    if (!one.participant.empty()) continue;
    for (const size_t r : rows.find(one.path)) {
      if (!one.participant.empty() && one.participant != participant(r))
        fail(
            ErrorCode::bad_input,
            "{}: more than one row of column {} may be {} ({} and {}); write whole paths, or paths "
            "from the table's folder, there",
            table_.path, table_.names[size_t(column)], one.path, one.participant, participant(r));
      one.participant = participant(r);
    }
    if (one.participant.empty())
      fail(ErrorCode::bad_input,
           "nothing says whose {} is: no sub-<label> in the path, {} in {}; add a column map_file, "
           "or give --in-order if the rows are in the order of the maps",
           one.name, column < 0 ? "no column map_file" : "no row with it", table_.path);
  }
}

std::vector<size_t> ParticipantsTable::rows_of(const std::vector<Observation>& observations) const {
  std::vector<size_t> rows;
  std::vector<std::string> strangers;
  std::set<size_t> used;
  for (const Observation& one : observations) {
    const auto row = row_of_.find(bare_participant(one.participant));
    if (row == row_of_.end()) {
      if (std::find(strangers.begin(), strangers.end(), one.participant) == strangers.end())
        strangers.push_back(one.participant);
      continue;
    }
    rows.push_back(row->second);
    used.insert(row->second);
  }
  if (!strangers.empty())
    fail(ErrorCode::bad_input, "{} has no row for {}; add {}, or leave the maps out of --effects",
         table_.path, fmt::join(strangers, ", "), strangers.size() == 1 ? "it" : "them");
  return rows;
}

int ParticipantsTable::column(const std::string& name, const char* option) const {
  const int column = table_.find(name);
  if (column < 0)
    fail(ErrorCode::bad_input, "{} has no column '{}' ({}); it has: {}", table_.path, name, option,
         fmt::join(table_.names, ", "));
  return column;
}

/// Whether "group:healthy control" names a column and one of its levels.
static bool has_level(const Table& table, const std::string& text) {
  const size_t colon = text.find(':');
  const int column = colon == std::string::npos ? -1 : table.find(text.substr(0, colon));
  return column >= 0 && std::ranges::any_of(table.rows, [&](const auto& row) {
           return row[size_t(column)] == text.substr(colon + 1);
         });
}

std::vector<std::string> listed_columns(const std::vector<std::string>& words, const Table& table) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    if (table.find(word) >= 0) {
      out.push_back(word);
      continue;
    }
    for (const std::string& part : split_list(word))
      if (const std::string whole = unpadded(part);
          table.find(whole) >= 0 || has_level(table, whole))
        out.push_back(whole);
      else
        for (const std::string& one : split_list(whole, ' '))
          if (!unpadded(one).empty()) out.push_back(unpadded(one));
  }
  return out;
}

}  // namespace sociometer::jobs
