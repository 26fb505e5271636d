#include "io/tables/table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"

namespace sociometer {
namespace {

/// Strips surrounding blanks and unmatched quotes.
std::string trimmed(const std::string& s) {
  const auto first = s.find_first_not_of(" \t\r\n\"");
  if (first == std::string::npos) return "";
  return s.substr(first, s.find_last_not_of(" \t\r\n\"") - first + 1);
}

/// Reads the cells of a text row by row. A cell that starts with a quote extends to the next single
/// quote character: separators, line ends and doubled quotes in between belong to the cell.
class CellReader {
 public:
  CellReader(const std::string& text, const std::string& path) : text_(text), path_(path) {}
  bool done() const { return at_ >= text_.size(); }
  bool was_blank() const { return blank_; }
  int line() const { return line_; }  ///< first line of the row returned by next()
  /// The next row; the separator is detected from the first one.
  std::vector<std::string> next() {
    line_ = ++lines_;
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    blank_ = text_.find_first_not_of(" \t\r\f\v", at_) >= end;
    if (separator_ == '\0' && !blank_) separator_ = separator_of(text_.substr(at_, end - at_));
    if (separator_ == ' ' || separator_ == '\0') return words(end);
    std::vector<std::string> cells;
    do {
      cells.push_back(cell());
      if (cells.size() > kMostColumns) refuse_columns();
    } while (!done() && text_[at_] == separator_ && ++at_);
    if (!done()) ++at_;  // the end of the line
    return cells;
  }

 private:
  [[noreturn]] void refuse_columns() const {
    fail(ErrorCode::bad_input, "{} line {}: more than {} columns, the most that are read", path_,
         line_, kMostColumns);
  }
  /// Tab if there is one; else the more frequent of comma and semicolon; else blanks.
  static char separator_of(const std::string& line) {
    int commas = 0, semicolons = 0;
    bool quoted = false;
    for (char c : line) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '\t') return '\t';
      commas += c == ',';
      semicolons += c == ';';
    }
    if (commas == 0 && semicolons == 0) return ' ';
    return semicolons > commas ? ';' : ',';
  }
  std::vector<std::string> words(size_t end) {
    std::istringstream line(text_.substr(at_, end - at_));
    at_ = std::min(end + 1, text_.size());
    std::vector<std::string> cells;
    for (std::string word; line >> word && cells.size() <= kMostColumns;)
      cells.push_back(trimmed(word));
    if (cells.size() > kMostColumns) refuse_columns();
    return cells;
  }
  bool is_blank(char c) const { return (c == ' ' || c == '\t' || c == '\r') && c != separator_; }
  std::string cell() {
    while (!done() && is_blank(text_[at_])) ++at_;
    if (!done() && text_[at_] == '"') return quoted_cell();
    size_t end = at_;
    while (end < text_.size() && text_[end] != separator_ && text_[end] != '\n') ++end;
    std::string found = trimmed(text_.substr(at_, end - at_));
    at_ = end;
    return found;
  }
  std::string quoted_cell() {
    const int first_line = lines_;
    std::string found;
    for (++at_; !done(); ++at_) {
      if (text_[at_] == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"')
        ++at_;
      else if (text_[at_] == '"')
        break;
      lines_ += text_[at_] == '\n';
      found += text_[at_];
    }
    if (done())
      fail(ErrorCode::bad_input, "{} line {}: a cell begins with a quote that is never closed",
           path_, first_line);
    for (++at_; !done() && is_blank(text_[at_]);) ++at_;
    if (!done() && text_[at_] != separator_ && text_[at_] != '\n')
      fail(ErrorCode::bad_input,
           "{} line {}: text follows a quoted cell; a quote within quotes is doubled", path_,
           lines_);
    return unpadded(found);
  }

  const std::string& text_;
  const std::string& path_;
  size_t at_ = 0;
  int line_ = 0, lines_ = 0;
  char separator_ = '\0';
  bool blank_ = false;
};

bool parse_number(const std::string& cell, double& value) {
  const char* begin = cell.data();
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') ++begin;
  const char* end = cell.data() + cell.size();
  const auto result = std::from_chars(begin, end, value);
  return result.ec == std::errc() && result.ptr == end && begin != end;
}

bool all_numbers(const std::vector<std::string>& cells) {
  double ignored;
  return std::all_of(cells.begin(), cells.end(),
                     [&](const auto& c) { return parse_number(c, ignored); });
}

/// The first row gives the names, unless it contains only numbers.
void take_header(Table& table) {
  if (!all_numbers(table.rows[0])) {
    table.names = std::move(table.rows[0]);
    table.rows.erase(table.rows.begin());
    table.line_numbers.erase(table.line_numbers.begin());
    return;
  }
  for (size_t i = 0; i < table.rows[0].size(); ++i)
    table.names.push_back("confound_" + std::to_string(i + 1));
}

/// R's write.table omits the header cell of the row names, 1 to n.
bool has_row_names(const Table& table) {
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (table.rows[row].size() != table.names.size() + 1 ||
        table.rows[row][0] != std::to_string(row + 1))
      return false;
  return !table.rows.empty();
}

}  // namespace

FileContent read_content(const std::string& path, uint64_t most_bytes) {
  auto stream = open_byte_stream(path);
  std::string bytes;
  std::vector<std::byte> chunk(size_t{1} << 16);
  while (const size_t n = stream->read(chunk)) {
    bytes.append(reinterpret_cast<const char*>(chunk.data()), n);
    if (bytes.size() > most_bytes)
      fail(ErrorCode::bad_input,
           "{} is too large for a text: its {} bytes {} more than {}, the most that is read; is it "
           "another file?",
           path, std::filesystem::file_size(path), stream->compressed() ? "unpack to" : "are",
           most_bytes);
  }
  return {std::move(bytes), input_file(path, stream->file_checksum())};
}

FileContent as_text(FileContent content) {
  std::string& text = content.value;
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos)
    fail(ErrorCode::bad_input, "{} is not a text table: it holds zero bytes", content.file.path);
  return content;
}

FileContent read_text_file(const std::string& path, uint64_t most_bytes) {
  return as_text(read_content(path, most_bytes));
}

std::string read_text(const std::string& path, uint64_t most_bytes) {
  return read_text_file(path, most_bytes).value;
}

int Table::find(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return -1;
  if (std::find(found + 1, names.end(), name) != names.end())
    fail(ErrorCode::bad_input, "{} has two columns named '{}'; rename one, or take it out", path,
         name);
  return int(found - names.begin());
}

bool is_missing(const std::string& cell) {
  std::string lower = cell;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower.empty() || lower == "n/a" || lower == "nan" || lower == "na";
}

bool has_decimal_comma(const std::string& cell) {
  const size_t comma = cell.find(',');
  if (comma == std::string::npos || comma == 0) return false;
  std::string with_point = cell;
  with_point[comma] = '.';
  double ignored;
  return parse_number(with_point, ignored);
}

Table read_table(const std::string& path, RowNames row_names) {
  return table_of(read_text_file(path), row_names);
}

Table table_of(const FileContent& text, RowNames row_names) {
  const std::string& path = text.file.path;
  Table table;
  table.path = path;
  table.checksum = text.file.checksum;
  CellReader reader(text.value, path);
  size_t n_cells = 0;
  while (!reader.done()) {
    auto cells = reader.next();
    if (reader.was_blank()) continue;
    n_cells += cells.size();
    if (n_cells > kMostCells)
      fail(ErrorCode::bad_input,
           "{} line {}: a table of more than {} cells, the most that are read", path, reader.line(),
           kMostCells);
    table.rows.push_back(std::move(cells));
    table.line_numbers.push_back(reader.line());
  }
  if (table.rows.empty()) fail(ErrorCode::bad_input, "{} is empty: not even a header line", path);
  take_header(table);
  if (row_names == RowNames::as_r_writes_them && has_row_names(table)) {
    table.names.insert(table.names.begin(), "");
    table.has_row_names = true;
  }
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (table.rows[row].size() != table.names.size())
      fail(ErrorCode::bad_input, "{} line {}: {} cells, the header has {} columns{}", path,
           table.line_numbers[row], table.rows[row].size(), table.names.size(),
           table.rows[row].size() > table.names.size()
               ? " (cells that hold the separator are quoted; numbers have a decimal point)"
               : "");
  return table;
}

std::set<std::string> values_in(const Table& table, int column) {
  std::set<std::string> values;
  for (const auto& row : table.rows)
    if (!is_missing(row[size_t(column)])) values.insert(row[size_t(column)]);
  return values;
}

double number_in(const Table& table, size_t row, int column) {
  const std::string& cell = table.rows[row][size_t(column)];
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  double value;
  if (!parse_number(cell, value))
    fail(ErrorCode::bad_input, "{} line {}, column '{}': '{}' is not a number ({})", table.path,
         table.line_numbers[row], table.names[size_t(column)], cell,
         has_decimal_comma(cell) ? "it has a decimal comma: write a point"
                                 : "missing values are written n/a");
  return value;
}

std::string format_number(double value) {
  if (std::isnan(value)) return "n/a";
  return fmt::format("{}", value);
}

/// Quotes a cell that contains tabs, line ends or an outer quote, so that it can be read back.
static std::string quoted_if_needed(const std::string& cell) {
  if (cell.find_first_of("\t\n\r") == std::string::npos && !cell.starts_with('"') &&
      !cell.ends_with('"'))
    return cell;
  std::string text = "\"";
  for (char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

std::string to_tsv(const std::vector<std::string>& names,
                   const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) text += (i ? "\t" : "") + quoted_if_needed(cells[i]);
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
