#include "io/table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include "engine/core/error.hpp"
#include "io/byte_stream.hpp"

namespace sociometer {
namespace {

std::string trimmed(const std::string& s) {
  const auto first = s.find_first_not_of(" \t\r\n\"");
  if (first == std::string::npos) return "";
  return s.substr(first, s.find_last_not_of(" \t\r\n\"") - first + 1);
}

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> cells;
  if (separator == ' ') {
    std::istringstream words(line);
    for (std::string word; words >> word;) cells.push_back(word);
    return cells;
  }
  size_t start = 0;
  while (start <= line.size()) {
    const size_t end = std::min(line.find(separator, start), line.size());
    cells.push_back(trimmed(line.substr(start, end - start)));
    start = end + 1;
  }
  return cells;
}

bool parse_number(const std::string& cell, double& value) {
  const char* begin = cell.data();
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') ++begin;
  const char* end = cell.data() + cell.size();
  const auto result = std::from_chars(begin, end, value);
  return result.ec == std::errc() && result.ptr == end && begin != end;
}

char separator_of(const std::string& line) {
  if (line.find('\t') != std::string::npos) return '\t';
  if (line.find(',') != std::string::npos) return ',';
  return ' ';
}

bool all_numbers(const std::vector<std::string>& cells) {
  double ignored;
  return std::all_of(cells.begin(), cells.end(),
                     [&](const auto& c) { return parse_number(c, ignored); });
}

}  // namespace

std::string read_text(const std::string& path) {
  auto stream = open_byte_stream(path);
  std::string text;
  std::vector<std::byte> chunk(size_t{1} << 16);
  while (const size_t n = stream->read(chunk))
    text.append(reinterpret_cast<const char*>(chunk.data()), n);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos)
    fail(ErrorCode::bad_input, "{} is not a text table: it holds zero bytes", path);
  return text;
}

int Table::find(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : int(found - names.begin());
}

bool is_missing(const std::string& cell) {
  std::string lower = cell;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower.empty() || lower == "n/a" || lower == "nan" || lower == "na";
}

Table read_table(const std::string& path) {
  std::istringstream text(read_text(path));
  Table table;
  table.path = path;
  char separator = '\t';
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    if (line.back() == '\r') line.pop_back();
    if (table.names.empty()) {
      separator = separator_of(line);
      auto cells = split(separator == ' ' ? trimmed(line) : line, separator);
      if (!all_numbers(cells)) {
        table.names = std::move(cells);
        continue;
      }
      if (separator != ' ' || cells.size() > 1) line = trimmed(line);
      cells = split(line, separator);
      for (size_t i = 0; i < cells.size(); ++i)
        table.names.push_back("confound_" + std::to_string(i + 1));
    }
    auto cells = split(line, separator);
    if (cells.size() != table.names.size())
      fail(ErrorCode::bad_input, "{} line {}: {} cells, the header has {} columns", path, number,
           cells.size(), table.names.size());
    table.rows.push_back(std::move(cells));
    table.line_numbers.push_back(number);
  }
  if (table.names.empty()) fail(ErrorCode::bad_input, "{} is empty: not even a header line", path);
  return table;
}

double number_in(const Table& table, size_t row, int column) {
  const std::string& cell = table.rows[row][size_t(column)];
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  double value;
  if (!parse_number(cell, value))
    fail(ErrorCode::bad_input,
         "{} line {}, column '{}': '{}' is not a number (missing values are written n/a)",
         table.path, table.line_numbers[row], table.names[size_t(column)], cell);
  return value;
}

std::string format_number(double value) {
  if (std::isnan(value)) return "n/a";
  return fmt::format("{}", value);
}

std::string to_tsv(const std::vector<std::string>& names,
                   const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) text += (i ? "\t" : "") + cells[i];
    return text + "\n";
  };
  std::string text = line(names);
  for (const auto& row : rows) text += line(row);
  return text;
}

std::vector<std::string> split_list(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string unpadded(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace sociometer
