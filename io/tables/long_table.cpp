#include "io/tables/long_table.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer {
namespace {

/// Rows of all tables so far, column by column.
struct StackedWords {
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> words;
  std::map<std::string, std::string> first_word;  ///< per column: of those that are no numbers
  size_t n_rows = 0;

  std::vector<std::string>& column(const std::string& name) {
    const auto [at, fresh] = words.try_emplace(name);
    if (fresh) names.push_back(name);
    at->second.resize(n_rows);
    return at->second;
  }
};

void stack(const Table& table, const std::string& participant, StackedWords& all) {
  for (size_t c = 0; c < table.names.size(); ++c) {
    if (table.find(table.names[c]) != int(c))
      fail(ErrorCode::bad_input, "{}: two columns are called '{}'", table.path, table.names[c]);
    auto& column = all.column(table.names[c]);
    auto& first_word = all.first_word[table.names[c]];
    for (size_t i = 0; i < table.rows.size(); ++i) {
      const std::string& cell = table.rows[i][c];
      column.push_back(is_missing(cell) ? "" : cell);
      if (first_word.empty() && !is_missing(cell) && !is_number_cell(cell))
        first_word = fmt::format("'{}' in {} line {}", cell, table.path, table.line_numbers[i]);
    }
  }
  const auto add_label = [&](const std::string& name, const std::string& label) {
    auto& column = all.column(name);
    column.insert(column.end(), table.rows.size(), label);
  };
  const auto has = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const char* name) { return table.find(name) >= 0; });
  };
  const auto name = bids_name(table.path);
  const std::string label = participant_in(table.path), run = name.label("run"),
                    session = name.label("ses"), task = name.label("task");
  if (table.find(participant) < 0 && !label.empty()) add_label(participant, label);
  if (!has({"session", "session_id", "ses"}) && !session.empty()) add_label("session", session);
  if (!has({"task"}) && !task.empty()) add_label("task", task);
  if (!has({"run", "run_number"}) && !run.empty()) add_label("run", run);
  all.n_rows += table.rows.size();
}

/// At least nine of ten words, of a column that is not of numbers. With a decimal comma they were
/// meant as numbers.
bool mostly_numbers(const MixedColumn& column) {
  if (column.is_numeric()) return false;
  size_t numbers = 0, words = 0;
  for (const auto& word : column.words) {
    words += !word.empty();
    numbers += is_number_cell(word) || has_decimal_comma(word);
  }
  return words > 0 && double(numbers) >= 0.9 * double(words);
}

/// A trial has one row in a table of `trials`.
void refuse_repeated_trials(const Table& table) {
  const int number = table.find("trial_number");
  if (number < 0) return;
  std::vector<int> keys{number};
  for (const char* name : {"participant_id", "session", "session_id", "ses", "run_number", "run"})
    if (const int at = table.find(name); at >= 0) keys.push_back(at);
  std::map<std::vector<std::string>, size_t> line_of;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    std::vector<std::string> key;
    for (const int column : keys) key.push_back(table.rows[r][size_t(column)]);
    const auto [at, fresh] = line_of.try_emplace(std::move(key), table.line_numbers[r]);
    if (!fresh)
      fail(ErrorCode::bad_input,
           "{} line {}: trial_number {} is that of line {}: the trial would count twice; leave one "
           "out",
           table.path, table.line_numbers[r], table.rows[r][size_t(number)], at->second);
  }
}

}  // namespace

LongTable read_long_tables(const std::vector<std::string>& paths, const std::string& participant) {
  LongTable out;
  StackedWords all;
  for (const auto& path : paths) {
    const Table table = read_table(path);
    for (const auto& earlier : out.files)
      if (earlier.checksum == table.file().checksum && !table.rows.empty() &&
          participant_in(earlier.path) == participant_in(path))
        fail(ErrorCode::bad_input,
             "{} has the content of {}: its trials would count twice; leave one out", path,
             earlier.path);
    out.files.push_back(table.file());
    refuse_repeated_trials(table);
    stack(table, participant, all);
    out.table.file.resize(all.n_rows, out.files.size() - 1);
  }
  for (const auto& name : all.names) {
    all.words[name].resize(all.n_rows);
    MixedColumn column = column_of_words(name, std::move(all.words[name]));
    if (mostly_numbers(column)) column.stray = all.first_word[name];
    out.table.add(std::move(column));
  }
  return out;
}

}  // namespace sociometer
