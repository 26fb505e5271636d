#include "io/tables/label_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

std::vector<std::string> lines_of(const FileContent& file) {
  std::istringstream text(file.value);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    if (const std::string words = unpadded(line); !words.empty()) lines.push_back(words);
  return lines;
}

/// The index in "INDEX RED GREEN BLUE ALPHA".
std::optional<int> workbench_index(const std::string& line) {
  std::istringstream words(line);
  int index, colour;
  if (!(words >> index)) return std::nullopt;
  int n_colours = 0;
  while (words >> colour) ++n_colours;
  return words.eof() && n_colours == 4 ? std::optional(index) : std::nullopt;
}

int index_column(const Table& table) {
  for (const char* name : {"index", "label", "id"})
    if (const int column = table.find(name); column >= 0) return column;
  return -1;
}

void add_rows(LabelTable& labels, const Table& table) {
  const int index = index_column(table), name = table.find("name");
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const double number = number_in(table, row, index);
    if (!(number == std::floor(number)) || std::abs(number) > 2147483647.0)
      fail(ErrorCode::bad_input, "{} line {}: '{}' is not a label: labels are whole numbers",
           table.path, table.line_numbers[row], table.rows[row][size_t(index)]);
    labels.add(int(number), table.rows[row][size_t(name)]);
  }
}

/// "INDEX NAME", optionally followed by the four numbers of a colour.
std::optional<LabelTable::Entry> numbered_name(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  const auto number = [](const std::string& word) -> std::optional<int> {
    int value = 0;
    const auto end = word.data() + word.size();
    const auto [at, error] = std::from_chars(word.data(), end, value);
    return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
  };
  if (parts.size() < 2 || !number(parts[0])) return std::nullopt;
  size_t last = parts.size();
  if (last >= 6 && std::all_of(parts.end() - 4, parts.end(), number)) last -= 4;
  std::string name = parts[1];
  for (size_t i = 2; i < last; ++i) name += " " + parts[i];
  return LabelTable::Entry{*number(parts[0]), name};
}

/// Lists of names often start with that of label 0.
bool is_background(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return name == "background" || name == "unknown" || name == "0" || name == "???";
}

bool has_header(const std::string& line) {
  if (line.find_first_of("\t,") == std::string::npos) return false;
  std::string lower = line;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return lower.find("name") != std::string::npos;
}

}  // namespace

void LabelTable::add(int index, const std::string& name) {
  if (index == 0) return;
  if (const auto same = by_name_.find(name); same != by_name_.end())
    fail(ErrorCode::bad_input,
         "{} has the name '{}' twice, for labels {} and {}; give each label a name of its own",
         path, name, entries[same->second].index, index);
  if (const auto same = by_index_.find(index); same != by_index_.end())
    fail(ErrorCode::bad_input, "{} has label {} twice, as '{}' and '{}'", path, index,
         entries[same->second].name, name);
  by_name_[name] = by_index_[index] = entries.size();
  entries.push_back({index, name});
}

std::string LabelTable::name_of(int index) const {
  const auto at = by_index_.find(index);
  return at == by_index_.end() ? fmt::format("label{}", index) : entries[at->second].name;
}

void require_names_fit(const LabelTable& table, const std::vector<int>& labels,
                       const std::string& atlas) {
  if (!table.by_place || table.entries.size() <= labels.size()) return;
  fail(ErrorCode::bad_input,
       "{} has {} names, {} has {} labels: which names are too many is unknown; give a table "
       "with the columns index and name",
       table.path, table.entries.size(), atlas, labels.size());
}

LabelTable read_label_table(const std::string& path) {
  const FileContent text = read_text_file(path);
  const std::vector<std::string> lines = lines_of(text);
  if (lines.empty()) fail(ErrorCode::bad_input, "{} is empty: it names no label", path);
  LabelTable labels;
  labels.path = path;
  labels.checksum = text.file.checksum;
  if (has_header(lines[0])) {
    const Table table = table_of(text);
    if (table.find("name") < 0 || index_column(table) < 0)
      fail(ErrorCode::bad_input, "{} has the columns {}; a label table needs 'index' and 'name'",
           path, fmt::join(table.names, ", "));
    add_rows(labels, table);
    return labels;
  }
  const bool workbench = lines.size() >= 2 && lines.size() % 2 == 0 && workbench_index(lines[1]);
  if (workbench) {
    for (size_t i = 0; i + 1 < lines.size(); i += 2) {
      const auto index = workbench_index(lines[i + 1]);
      if (!index)
        fail(ErrorCode::bad_input, "{}: '{}' after the name '{}' is not INDEX RED GREEN BLUE ALPHA",
             path, lines[i + 1], lines[i]);
      labels.add(*index, lines[i]);
    }
    return labels;
  }
  if (std::all_of(lines.begin(), lines.end(),
                  [](const auto& line) { return numbered_name(line) || line.starts_with('#'); })) {
    for (const auto& line : lines)
      if (const auto entry = numbered_name(line)) labels.add(entry->index, entry->name);
    return labels;
  }
  labels.by_place = true;
  const int first = is_background(lines[0]) ? 0 : 1;
  for (size_t i = 0; i < lines.size(); ++i) labels.add(int(i) + first, lines[i]);
  return labels;
}

}  // namespace sociometer
