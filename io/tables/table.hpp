#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace sociometer {

/// A text table as found: every cell a trimmed string.
///
/// Reads tab-separated files (BIDS), comma- and semicolon-separated ones (found from the header),
/// and blank-separated words. A quoted cell may hold separators, line ends and, doubled, quotes.
/// Tolerated: a byte-order mark, CRLF, blank lines, padded cells, a missing newline at the end.
/// Without a
/// header (all cells of the first line are numbers, as in motion parameter files) columns are named
/// confound_1, confound_2, ..
struct Table {
  std::string path;
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> line_numbers;  ///< of each row, in the file
  bool has_row_names = false;     ///< the first column has no name in the file, see RowNames
  uint64_t checksum = 0;          ///< XXH3 of the file's bytes
  /// Position of a column, or -1.
  int find(const std::string& name) const;
};

/// A text file (gzip or plain) without its byte-order mark.
/// @throws Error{bad_input}: missing file, zero bytes in it.
/// @param checksum  gets the XXH3 of the file's bytes.
std::string read_text(const std::string& path, uint64_t* checksum = nullptr);

/// What to make of a header that is one name shorter than every row.
enum class RowNames {
  refused,
  as_r_writes_them  ///< the first cells, when they are 1 to n, are row names (column "")
};

/// @throws Error{bad_input}: missing file, no header, a row with another number of cells, a quote
/// that is not closed.
Table read_table(const std::string& path, RowNames row_names = RowNames::refused);

/// Whether a cell would be a number if its comma were a point.
bool has_decimal_comma(const std::string& cell);

/// Whether a cell stands for a missing value: empty, n/a, NaN, NA, in any case.
bool is_missing(const std::string& cell);

/// The number in a cell; NaN when missing.
/// @throws Error{bad_input} naming file, line and column when it is neither.
double number_in(const Table& table, size_t row, int column);

/// Writes numbers so that they read back to the same double.
std::string format_number(double value);

/// Tab-separated text with a header line; NaN becomes n/a.
std::string to_tsv(const std::vector<std::string>& names,
                   const std::vector<std::vector<std::string>>& rows);

/// What stands between the separators, also where that is nothing.
std::vector<std::string> split_list(const std::string& text, char separator = ',');

/// Without spaces, tabs and line ends around it.
std::string unpadded(const std::string& text);

}  // namespace sociometer
