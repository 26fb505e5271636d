#pragma once
#include <string>
#include <vector>

#include "io/tables/trial_table.hpp"

namespace sociometer {

/// Cells of one quantity in a table, translated according to its mapping.
class Cells {
 public:
  /// @param table  must outlive this object.
  /// @throws Error{bad_input} if the table does not have a column of the mapping.
  Cells(const Table& table, const ColumnSource& source, const std::string& quantity);
  bool given() const { return source_.given(); }
  const ColumnSource& source() const { return source_; }
  /// Translated text of a cell; empty if missing.
  std::string text(size_t row) const;
  /// The cell as written in the file.
  std::string raw(size_t row) const;
  /// Number in a cell; summed and rescaled if the mapping says so.
  double number(size_t row) const;
  /// Whether this text occurs in any row, or is what the mapping turns a cell into.
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

/// Equal as text or as numbers: 1 and 1.0.
bool same_cell(const std::string& a, const std::string& b);

}  // namespace sociometer
