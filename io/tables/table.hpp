#pragma once
#include <set>
#include <string>
#include <vector>

#include "io/bytes/read.hpp"

namespace sociometer {

/// A text table as found in the file: every cell is a trimmed string.
///
/// Reads tab-separated (BIDS), comma- and semicolon-separated (detected from the first line) and
/// blank-separated text. A quoted cell may contain separators, line ends and doubled quotes.
/// Tolerated: a byte-order mark, CRLF, blank lines, padded cells, no newline at the end.
///
/// Without a header (all cells of the first line are numbers, as in motion parameter files) columns
/// are named confound_1, confound_2, ..
struct Table {
  std::string path;
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> line_numbers;  ///< line in the file, for each row
  bool has_row_names = false;     ///< the first column has no name in the file, see RowNames
  std::string checksum;           ///< XXH3 of the file's bytes, as in InputFile
  /// Position of a column, or -1.
  int find(const std::string& name) const;
  InputFile file() const { return {path, checksum}; }
};

/// Limits of texts and tables that are read, so that a small compressed file cannot take all
/// memory.
inline constexpr uint64_t kMostTextBytes = uint64_t{512} << 20;
inline constexpr size_t kMostColumns = 100'000;
inline constexpr size_t kMostCells = 50'000'000;

/// The content of a file: its bytes, or its text.
using FileContent = Read<std::string>;

/// All bytes of a file (gzip or plain), decompressed.
/// @throws Error{bad_input} for a missing or damaged file, and for more than `most_bytes`.
FileContent read_content(const std::string& path, uint64_t most_bytes = kMostTextBytes);

/// The content as text, without its byte-order mark.
/// @throws Error{bad_input}: zero bytes in it.
FileContent as_text(FileContent content);

/// A text file (gzip or plain) without its byte-order mark.
/// @throws Error{bad_input}: zero bytes in it; as read_content.
FileContent read_text_file(const std::string& path, uint64_t most_bytes = kMostTextBytes);

/// The same for a file that no record lists.
std::string read_text(const std::string& path, uint64_t most_bytes = kMostTextBytes);

/// How to treat a header with one name fewer than every row has cells.
enum class RowNames {
  refused,
  as_r_writes_them  ///< first cells that run from 1 to n are row names (column "")
};

/// @throws Error{bad_input} for a missing file, no header, a row with a different number of cells,
/// an unclosed quote, or a table beyond the limits above.
Table read_table(const std::string& path, RowNames row_names = RowNames::refused);

/// The same from a text that was read before.
Table table_of(const FileContent& text, RowNames row_names = RowNames::refused);

/// Whether a cell would be a number if its comma were a decimal point.
bool has_decimal_comma(const std::string& cell);

/// Whether a cell denotes a missing value: empty, n/a, NaN or NA, in any case.
bool is_missing(const std::string& cell);

/// The different texts of a column, without missing ones, in byte order.
std::set<std::string> values_in(const Table& table, int column);

/// The number in a cell; NaN if missing.
/// @throws Error{bad_input} naming file, line and column if it is neither.
double number_in(const Table& table, size_t row, int column);

/// Formats a number so that it reads back as the same double.
std::string format_number(double value);

/// Tab-separated text with a header line; NaN becomes n/a.
std::string to_tsv(const std::vector<std::string>& names,
                   const std::vector<std::vector<std::string>>& rows);

/// The parts between separators, including empty ones.
std::vector<std::string> split_list(const std::string& text, char separator = ',');

/// Strips surrounding spaces, tabs and line ends.
std::string unpadded(const std::string& text);

}  // namespace sociometer
