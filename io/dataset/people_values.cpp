#include "io/dataset/people_values.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

std::string bare(const std::string& label, const std::string& prefix) {
  return label.starts_with(prefix) ? label.substr(prefix.size()) : label;
}

/// A table that may be missing, or a link without its content.
bool is_there(const std::string& path, BidsFindings& findings) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return true;
  if (fs::is_symlink(path, ignored))
    findings.push_back(
        {BidsOddity::content_missing,
         fmt::format("the content of {} is not on this machine; run: datalad get {}", path, path),
         {path}});
  return false;
}

}  // namespace

bool PeopleValues::has(const std::string& column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::string PeopleValues::value(const std::string& participant, const std::string& session,
                                const std::string& column) const {
  if (!has(column)) {
    const std::string near = nearest_word(column, columns_);
    fail(ErrorCode::bad_input, "no column '{}' in {}; there are: {}{}", column,
         paths_.empty() ? "participants.tsv, which is missing"
                        : fmt::format("{}", first_few(paths_)),
         columns_.empty() ? "none" : fmt::format("{}", fmt::join(columns_, ", ")),
         near.empty() ? "" : fmt::format("; did you mean {}?", near));
  }
  const std::string person = bare(participant, "sub-"), visit = bare(session, "ses-");
  for (const auto& key : {std::pair{person, visit}, std::pair{person, std::string()}})
    if (const auto row = cells_.find(key); row != cells_.end())
      if (const auto cell = row->second.find(column); cell != row->second.end())
        return cell->second;
  return "n/a";
}

void PeopleValues::add_table(const std::string& path, const std::string& participant) {
  const Table table = read_table(path);
  paths_.push_back(path);
  const int person = table.find("participant_id"), session = table.find("session_id");
  if (participant.empty() && person < 0)
    fail(ErrorCode::bad_input, "{} has no column participant_id", path);
  if (!participant.empty() && session < 0)
    fail(ErrorCode::bad_input, "{} has no column session_id", path);
  for (size_t c = 0; c < table.names.size(); ++c)
    if (int(c) != person && int(c) != session && !has(table.names[c]))
      columns_.push_back(table.names[c]);
  std::set<std::pair<std::string, std::string>> seen;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const std::string of = participant.empty() ? bare(row[size_t(person)], "sub-") : participant;
    const std::string visit = session < 0 ? "" : bare(row[size_t(session)], "ses-");
    if (!seen.emplace(of, visit).second)
      fail(ErrorCode::bad_input, "{}, line {}: a second row of sub-{}{}", path,
           table.line_numbers[r], of, visit.empty() ? "" : ", ses-" + visit);
    auto& cells = cells_[{of, visit}];
    for (size_t c = 0; c < row.size(); ++c)
      if (int(c) != person && int(c) != session)
        cells[table.names[c]] = row[c].empty() ? "n/a" : row[c];
  }
}

PeopleValues read_people_table(const std::string& path) {
  PeopleValues out;
  out.add_table(path, "");
  return out;
}

PeopleValues read_people_values(const BidsDataset& dataset, BidsFindings& findings) {
  PeopleValues out;
  const std::string participants = dataset.root + "/participants.tsv";
  const bool has_participants = is_there(participants, findings);
  if (has_participants) out.add_table(participants, "");
  std::vector<std::string> not_listed;
  for (const auto& person : dataset.people) {
    const auto row = out.cells_.lower_bound({person.label, ""});
    if (has_participants && (row == out.cells_.end() || row->first.first != person.label))
      not_listed.push_back("sub-" + person.label);
    const std::string sessions = fmt::format("{}/sub-{}_sessions.tsv", person.folder, person.label);
    if (is_there(sessions, findings)) out.add_table(sessions, person.label);
  }
  if (!not_listed.empty())
    findings.push_back({BidsOddity::person_not_in_table,
                        fmt::format("{} has no row of {}", participants, first_few(not_listed)),
                        not_listed});
  return out;
}

}  // namespace sociometer
