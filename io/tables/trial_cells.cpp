#include "io/tables/trial_cells.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

std::optional<double> as_number(const std::string& cell) {
  if (cell == "true" || cell == "True" || cell == "TRUE") return 1;
  if (cell == "false" || cell == "False" || cell == "FALSE") return 0;
  const char* begin = cell.data() + (cell.size() > 1 && cell[0] == '+' && cell[1] != '-');
  const char* end = cell.data() + cell.size();
  double value = 0;
  const auto result = std::from_chars(begin, end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) return {};
  return value;
}

bool is_word_of_logic(const std::string& cell) {
  return !cell.empty() && std::isalpha(static_cast<unsigned char>(cell[0]));
}

}  // namespace

bool same_cell(const std::string& a, const std::string& b) {
  if (a == b) return true;
  // "true" and 1 may have the same value but are different names.
  if (is_word_of_logic(a) || is_word_of_logic(b)) return false;
  const auto x = as_number(a), y = as_number(b);
  return x && y && *x == *y;
}

Cells::Cells(const Table& table, const ColumnSource& source, const std::string& quantity)
    : table_(table), source_(source), quantity_(quantity) {
  std::vector<std::string> names = source.sum;
  if (!source.column.empty()) names.insert(names.begin(), source.column);
  for (const auto& name : names) {
    columns_.push_back(table.find(name));
    if (columns_.back() < 0)
      fail(ErrorCode::bad_input,
           "{} has no column '{}' for {}; its columns: {}; name it with --columns, or give "
           "null if there is none",
           table.path, name, quantity, fmt::join(table.names, ", "));
  }
}

std::string Cells::raw(size_t row) const {
  return columns_.empty() ? source_.constant : table_.rows[row][size_t(columns_[0])];
}

bool Cells::is_code(const std::string& cell) const {
  return std::any_of(source_.missing.begin(), source_.missing.end(),
                     [&](const auto& code) { return same_cell(cell, code); });
}

std::string Cells::text(size_t row) const {
  const std::string cell = raw(row);
  if (columns_.empty()) return cell;
  if (is_code(cell)) return "";
  const auto known = [](const std::string& meaning) { return is_missing(meaning) ? "" : meaning; };
  if (!source_.values.empty()) {
    const auto exact = source_.values.find(cell);
    if (exact != source_.values.end()) return known(exact->second);
    for (const auto& [value, meaning] : source_.values)
      if (same_cell(cell, value)) return known(meaning);
    if (is_missing(cell)) return "";
    if (source_.others) return known(*source_.others);
    if (!source_.others_same)
      fail(ErrorCode::bad_input, "{} line {}, column '{}': the mapping of {} has no value for '{}'",
           table_.path, table_.line_numbers[row], source_.column, quantity_, cell);
  }
  return known(cell);
}

double Cells::parsed(size_t row, const std::string& cell) const {
  if (const auto value = as_number(cell)) return *value;
  refuse(row, cell,
         has_decimal_comma(cell) ? "a number with a decimal point, not a comma" : "a number");
}

double Cells::number(size_t row) const {
  const std::string cell = text(row);
  if (cell.empty()) return kMissing;
  double value = parsed(row, cell);
  for (size_t i = 1; i < columns_.size(); ++i) {
    const std::string& other = table_.rows[row][size_t(columns_[i])];
    if (is_missing(other) || is_code(other)) return kMissing;
    value += parsed(row, other);
  }
  if (!source_.range) return value;
  const auto [low, high] = *source_.range;
  const double share = (value - low) / (high - low);
  if (share < 0 || share > 1)
    refuse(row, fmt::format("{}", value),
           fmt::format("from {} to {} as mapped, or n/a", low, high));
  return share;
}

bool Cells::mentions(const std::string& text) const {
  if (source_.constant == text) return true;
  for (const auto& [cell, meaning] : source_.values)
    if (meaning == text) return true;
  return !columns_.empty() &&
         std::any_of(table_.rows.begin(), table_.rows.end(),
                     [&](const auto& row) { return row[size_t(columns_[0])] == text; });
}

void Cells::refuse(size_t row, const std::string& cell, const std::string& rule) const {
  fail(ErrorCode::bad_input, "{} line {}: {} is '{}'; it must be {}", table_.path,
       table_.line_numbers[row], quantity_, cell, rule);
}

}  // namespace sociometer
