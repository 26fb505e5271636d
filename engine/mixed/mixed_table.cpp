#include "engine/mixed/mixed_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/nearest_word.hpp"

namespace sociometer {
namespace {

/// NaN for a missing cell; false if it is no number.
bool number_of_cell(const std::string& text, double& value) {
  if (text.empty()) {
    value = kNaN;
    return true;
  }
  const char* last = text.data() + text.size();
  const char* first = text.data() + (text[0] == '+');
  const auto [end, error] = std::from_chars(first, last, value);
  return error == std::errc() && end == last && std::isfinite(value);
}

const std::vector<double>& numbers_of(const MixedTable& table, const std::string& name,
                                      const char* what) {
  const MixedColumn& column = table.at(name);
  if (!column.is_numeric() && !column.stray.empty())
    fail(ErrorCode::bad_input, "column '{}': {} is no number, and {} needs numbers", name,
         column.stray, what);
  if (!column.is_numeric()) {
    double value = 0;
    const auto text = std::find_if(column.words.begin(), column.words.end(),
                                   [&](const auto& w) { return !number_of_cell(w, value); });
    fail(ErrorCode::bad_input, "column '{}' has '{}', and {} needs numbers", name,
         text == column.words.end() ? "" : *text, what);
  }
  return column.numbers;
}

/// The rows of each sequence, in order of time.
using Sequences = std::map<std::pair<size_t, std::string>, std::vector<long>>;
Sequences sequences_of(const MixedTable& table, const TrialSequence& s) {
  const std::vector<std::string> groups = joined_groups(table, s.within);
  const bool by_file = s.within_files && !table.file.empty();
  Sequences rows;
  for (size_t i = 0; i < table.n_rows; ++i)
    if (!groups[i].empty()) rows[{by_file ? table.file[i] : 0, groups[i]}].push_back(long(i));
  if (s.order.empty()) return rows;
  const auto& order = numbers_of(table, s.order, "an order of trials");
  for (auto& sequence : rows) {
    std::vector<long>& list = sequence.second;
    std::erase_if(list, [&](long i) { return std::isnan(order[size_t(i)]); });
    std::stable_sort(list.begin(), list.end(),
                     [&](long a, long b) { return order[size_t(a)] < order[size_t(b)]; });
    for (size_t k = 1; k < list.size(); ++k)
      if (order[size_t(list[k])] == order[size_t(list[k - 1])])
        fail(ErrorCode::bad_input,
             "two trials of {} '{}' have the {} {}; name the columns within which trials follow "
             "each other",
             fmt::join(s.within, ":"), sequence.first.second, s.order, order[size_t(list[k])]);
  }
  return rows;
}

bool has_leading_zero(const std::string& word) {
  return word.size() > 1 && word[0] == '0' && word[1] >= '0' && word[1] <= '9';
}

/// One word per value.
void unify_words(MixedColumn& column) {
  std::map<double, std::string> first;
  for (size_t i = 0; i < column.words.size(); ++i)
    if (!std::isnan(column.numbers[i]) && !has_leading_zero(column.words[i]))
      column.words[i] = first.try_emplace(column.numbers[i], column.words[i]).first->second;
}

}  // namespace

bool is_number_cell(const std::string& text) {
  double value = 0;
  return !text.empty() && number_of_cell(text, value);
}

MixedColumn column_of_words(std::string name, std::vector<std::string> words) {
  MixedColumn out{std::move(name), std::move(words), {}, {}};
  std::vector<double> numbers(out.words.size());
  bool any = false;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!number_of_cell(out.words[i], numbers[i])) return out;
    any |= !std::isnan(numbers[i]);
  }
  if (!any) return out;
  out.numbers = std::move(numbers);
  unify_words(out);
  return out;
}

MixedColumn column_of_numbers(std::string name, std::vector<double> numbers) {
  MixedColumn out{std::move(name), {}, std::move(numbers), {}};
  for (double x : out.numbers) out.words.push_back(std::isnan(x) ? "" : fmt::format("{}", x));
  return out;
}

bool MixedTable::has(const std::string& name) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const auto& column) { return column.name == name; });
}

const MixedColumn& MixedTable::at(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& column : columns) {
    if (column.name == name) return column;
    names.push_back(column.name);
  }
  const std::string nearest = nearest_word(name, names);
  fail(ErrorCode::bad_input, "the table has no column '{}'; {}", name,
       nearest.empty() ? fmt::format("it has {}", fmt::join(names, ", "))
                       : fmt::format("is '{}' meant?", nearest));
}

void MixedTable::add(MixedColumn column) {
  if (has(column.name))
    fail(ErrorCode::bad_input,
         "the table has a column '{}' already; rename it, or leave out the "
         "option that makes it",
         column.name);
  n_rows = column.words.size();
  columns.push_back(std::move(column));
}

void keep_rows(MixedTable& table, const std::string& name, const std::string& word) {
  const MixedColumn& by = table.at(name);
  double value = 0;
  const bool by_number = by.is_numeric() && number_of_cell(word, value) && !word.empty();
  std::vector<size_t> kept;
  for (size_t i = 0; i < table.n_rows; ++i)
    if (by_number ? by.numbers[i] == value : by.words[i] == word) kept.push_back(i);
  if (kept.empty())
    fail(ErrorCode::bad_input, "no row has '{}' in column '{}'; it has {}", word, name,
         fmt::join(category_levels(by.words), ", "));
  for (auto& column : table.columns) {
    std::vector<std::string> words;
    for (size_t i : kept) words.push_back(std::move(column.words[i]));
    std::string stray = std::move(column.stray);
    column = column_of_words(column.name, std::move(words));
    if (!column.is_numeric()) column.stray = std::move(stray);
  }
  table.n_rows = kept.size();
  if (table.file.empty()) return;
  std::vector<size_t> file;
  for (size_t i : kept) file.push_back(table.file[i]);
  table.file = std::move(file);
}

std::vector<std::string> category_levels(const std::vector<std::string>& words) {
  const std::set<std::string> different(words.begin(), words.end());
  std::vector<std::string> out;
  for (const auto& word : different)
    if (!word.empty()) out.push_back(word);
  std::vector<std::pair<double, std::string>> numbered;
  for (const auto& word : out) {
    double value = 0;
    if (!number_of_cell(word, value)) return out;
    numbered.emplace_back(value, word);
  }
  std::sort(numbered.begin(), numbered.end());
  for (size_t i = 0; i < out.size(); ++i) out[i] = numbered[i].second;
  return out;
}

std::vector<std::string> joined_groups(const MixedTable& table,
                                       const std::vector<std::string>& columns) {
  std::vector<std::string> out(table.n_rows);
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto& words = table.at(columns[c]).words;
    for (size_t i = 0; i < out.size(); ++i) {
      const bool missing = words[i].empty() || (c > 0 && out[i].empty());
      out[i] = missing ? "" : c == 0 ? words[i] : out[i] + ":" + words[i];
    }
  }
  return out;
}

std::vector<long> shifted_rows(const MixedTable& table, const TrialSequence& sequence, int step) {
  std::vector<long> out(table.n_rows, -1);
  const std::vector<double>* order = nullptr;
  if (sequence.consecutive) order = &numbers_of(table, sequence.order, "an order of trials");
  for (const auto& item : sequences_of(table, sequence)) {
    const std::vector<long>& rows = item.second;
    for (long k = 0; k < long(rows.size()); ++k) {
      const long other = k + step;
      if (other < 0 || other >= long(rows.size())) continue;
      const auto here = size_t(rows[size_t(k)]), there = size_t(rows[size_t(other)]);
      if (order && (*order)[there] - (*order)[here] != step) continue;
      out[here] = long(there);
    }
  }
  return out;
}

void add_shifted(MixedTable& table, const std::string& column, const TrialSequence& sequence,
                 int step) {
  const MixedColumn from = table.at(column);
  MixedColumn out{fmt::format("{}_{}{}", column, step < 0 ? "lag" : "lead", std::abs(step)),
                  {},
                  {},
                  from.stray};
  for (long row : shifted_rows(table, sequence, step)) {
    out.words.push_back(row < 0 ? "" : from.words[size_t(row)]);
    if (from.is_numeric()) out.numbers.push_back(row < 0 ? kNaN : from.numbers[size_t(row)]);
  }
  table.add(std::move(out));
}

void add_stay(MixedTable& table, const std::string& column, const TrialSequence& sequence) {
  const std::vector<std::string>& words = table.at(column).words;
  const std::vector<long> next = shifted_rows(table, sequence, 1);
  std::vector<double> stay(table.n_rows, kNaN);
  for (size_t i = 0; i < stay.size(); ++i) {
    if (next[i] < 0 || words[i].empty() || words[size_t(next[i])].empty()) continue;
    stay[i] = words[i] == words[size_t(next[i])] ? 1 : 0;
  }
  table.add(column_of_numbers(column + "_stay", std::move(stay)));
}

void add_centred(MixedTable& table, const std::string& column, const std::string& participant) {
  const std::vector<double>& values = numbers_of(table, column, "centring");
  const std::vector<std::string>& people = table.at(participant).words;
  struct Sum {
    double sum = 0;
    long n = 0;
    double mean() const { return sum / double(n); }
  };
  std::map<std::string, Sum> sums;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || people[i].empty()) continue;
    Sum& own = sums[people[i]];
    own.sum += values[i];
    ++own.n;
  }
  Sum over;
  for (const auto& item : sums) {
    over.sum += item.second.mean();
    ++over.n;
  }
  std::vector<double> within(values.size(), kNaN), between(values.size(), kNaN);
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || people[i].empty()) continue;
    const double mean = sums[people[i]].mean();
    within[i] = values[i] - mean;
    between[i] = mean - over.mean();
  }
  table.add(column_of_numbers(column + "_within", std::move(within)));
  table.add(column_of_numbers(column + "_between", std::move(between)));
}

void add_standardised(MixedTable& table, const std::string& column) {
  std::vector<double> values = numbers_of(table, column, "standardising");
  double sum = 0, squares = 0;
  long n = 0;
  for (double x : values)
    if (!std::isnan(x)) sum += x, ++n;
  const double mean = sum / double(n);
  for (double x : values)
    if (!std::isnan(x)) squares += (x - mean) * (x - mean);
  const double sd = std::sqrt(squares / double(n - 1));
  if (!(sd > 1e-12 * std::abs(mean)))
    fail(ErrorCode::bad_input,
         "column '{}' has no spread over its {} values and cannot be "
         "standardised",
         column, n);
  for (double& x : values) x = (x - mean) / sd;
  table.add(column_of_numbers(column + "_z", std::move(values)));
}

}  // namespace sociometer
