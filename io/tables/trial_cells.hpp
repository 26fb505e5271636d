#pragma once
#include <string>
#include <vector>

#include "io/tables/trial_table.hpp"

namespace sociometer {

/// A quantity's cells in one table, translated as its mapping says.
class Cells {
 public:
  /// @param table  outlives this.
  /// @throws Error{bad_input} when the table lacks a column of the mapping.
  Cells(const Table& table, const ColumnSource& source, const std::string& quantity);
  bool given() const { return source_.given(); }
  const ColumnSource& source() const { return source_; }
  /// Text of a cell; empty when missing.
  std::string text(size_t row) const;
  /// The cell as it stands in the file.
  std::string raw(size_t row) const;
  /// Number of a cell, summed and brought to its range where the mapping says so.
  double number(size_t row) const;
  /// Whether this text stands in any row, or is what the mapping makes of a cell.
  bool mentions(const std::string& text) const;
  [[noreturn]] void refuse(size_t row, const std::string& cell, const std::string& rule) const;

 private:
  bool is_code(const std::string& cell) const;
  double parsed(size_t row, const std::string& cell) const;
  const Table& table_;
  ColumnSource source_;
  std::string quantity_;
  std::vector<int> columns_;
};

/// The same text, or the same number: 1 and 1.0.
bool same_cell(const std::string& a, const std::string& b);

}  // namespace sociometer
