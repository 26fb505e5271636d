#include "engine/mixed/joined_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// The keys of each row as one text; numbers by their value, so that 01 and 1.0 are 1.
std::vector<std::string> row_keys(const MixedTable& table, const std::vector<std::string>& keys,
                                  const std::vector<bool>& by_number) {
  std::vector<std::string> out(table.n_rows);
  for (size_t k = 0; k < keys.size(); ++k) {
    const MixedColumn& column = table.at(keys[k]);
    for (size_t i = 0; i < out.size(); ++i) {
      const bool missing = column.words[i].empty() || (k > 0 && out[i].empty());
      const std::string word =
          by_number[k] && !missing ? fmt::format("{}", column.numbers[i]) : column.words[i];
      out[i] = missing ? "" : k == 0 ? word : out[i] + "\t" + word;
    }
  }
  return out;
}

std::vector<bool> numeric_in_both(const MixedTable& a, const MixedTable& b,
                                  const std::vector<std::string>& keys) {
  std::vector<bool> out;
  for (const auto& key : keys) out.push_back(a.at(key).is_numeric() && b.at(key).is_numeric());
  return out;
}

std::string key_in_words(std::string key) {
  std::replace(key.begin(), key.end(), '\t', ' ');
  return key;
}

bool same_cell(const MixedColumn& a, size_t i, const MixedColumn& b, size_t j) {
  if (a.words[i].empty() || b.words[j].empty()) return true;
  return a.is_numeric() && b.is_numeric() ? a.numbers[i] == b.numbers[j] : a.words[i] == b.words[j];
}

void check_alike(const MixedColumn& own, const MixedColumn& theirs,
                 const std::vector<long>& match) {
  for (size_t i = 0; i < match.size(); ++i)
    if (match[i] >= 0 && !same_cell(own, i, theirs, size_t(match[i])))
      fail(ErrorCode::bad_input,
           "both tables have a column '{}', with '{}' and '{}' for the same trial; rename one, or "
           "join by it as well if it identifies trials",
           own.name, own.words[i], theirs.words[size_t(match[i])]);
}

/// What a row lacks and its trial has in the other table.
void fill_missing(MixedTable& table, const MixedColumn& theirs, const std::vector<long>& match) {
  for (auto& own : table.columns) {
    if (own.name != theirs.name) continue;
    std::vector<std::string> words = own.words;
    for (size_t i = 0; i < match.size(); ++i)
      if (words[i].empty() && match[i] >= 0) words[i] = theirs.words[size_t(match[i])];
    if (words == own.words) return;
    std::string stray = own.stray.empty() ? theirs.stray : own.stray;
    own = column_of_words(own.name, std::move(words));
    if (!own.is_numeric()) own.stray = std::move(stray);
    return;
  }
}

}  // namespace

JoinCounts join_table(MixedTable& table, const MixedTable& other,
                      const std::vector<std::string>& keys) {
  const std::vector<bool> by_number = numeric_in_both(table, other, keys);
  std::map<std::string, long> row_of;
  const std::vector<std::string> theirs = row_keys(other, keys, by_number);
  for (size_t j = 0; j < theirs.size(); ++j)
    if (!theirs[j].empty() && !row_of.emplace(theirs[j], long(j)).second)
      fail(ErrorCode::bad_input,
           "two rows of the joined table have {} = {}; join by all columns that identify its "
           "rows",
           fmt::join(keys, " "), key_in_words(theirs[j]));
  JoinCounts out;
  std::vector<long> match;
  for (const auto& key : row_keys(table, keys, by_number)) {
    const auto found = row_of.find(key);
    match.push_back(found == row_of.end() ? -1 : found->second);
    if (match.back() < 0) ++out.without_match;
  }
  if (out.without_match == table.n_rows)
    fail(ErrorCode::bad_input,
         "no row of the joined table has the {} of a row of the first (first: {}; joined: {})",
         fmt::join(keys, " "), key_in_words(row_keys(table, keys, by_number)[0]),
         theirs.empty() ? "no rows" : key_in_words(theirs[0]));
  for (const auto& column : other.columns) {
    if (std::find(keys.begin(), keys.end(), column.name) != keys.end()) continue;
    if (table.has(column.name)) {
      check_alike(table.at(column.name), column, match);
      fill_missing(table, column, match);
      continue;
    }
    std::vector<std::string> words;
    for (long j : match) words.push_back(j < 0 ? "" : column.words[size_t(j)]);
    MixedColumn added = column_of_words(column.name, std::move(words));
    if (!added.is_numeric()) added.stray = column.stray;
    table.add(std::move(added));
    out.columns.push_back(column.name);
  }
  return out;
}

std::vector<std::string> keys_of_trials(const std::string& participant) {
  return {participant,  "session", "session_id",   "ses",  "task",
          "run_number", "run",     "trial_number", "trial"};
}

std::vector<std::string> shared_columns(const MixedTable& a, const MixedTable& b,
                                        const std::vector<std::string>& candidates) {
  std::vector<std::string> out;
  for (const auto& name : candidates)
    if (a.has(name) && b.has(name)) out.push_back(name);
  return out;
}

}  // namespace sociometer
