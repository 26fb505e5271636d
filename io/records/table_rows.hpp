#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"
#include "io/records/record_fields.hpp"
#include "io/records/record_reader.hpp"
#include "io/tables/table.hpp"

/// Tables of records written and read back, a struct per row.
///
/// The columns are listed as the fields of records are (record_fields.hpp):
///
///     struct Effect { std::string term; double estimate = 0; std::optional<double> error; };
///     SOCIOMETER_RECORD(Effect) {
///       visit("term", self.term, "fixed effect");
///       visit("estimate", self.estimate, "log odds");
///       visit("standard_error", self.error, "of the estimate");
///     }
///
/// Columns may be texts, numbers (n/a is NaN), whole numbers, truth values (0 or 1); those of
/// optionals may be absent; an optional struct is a part that only the record beside the table has.
/// Further columns are left alone. What a column means goes to the dictionary of the table
/// (described_table.hpp).
namespace sociometer {

/// Columns of a table with what each of them means.
using DescribedColumns = std::vector<std::pair<std::string, std::string>>;
using TableRows = std::vector<std::vector<std::string>>;

namespace detail {

template <class T>
inline constexpr bool is_column = true;
template <class T>
inline constexpr bool is_column<std::optional<T>> = !HasRecordFields<T>;

template <class T>
void read_cell(const Table& table, size_t row, int column, const char* name, T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    value = table.rows[row][size_t(column)];
  } else {
    const double number = number_in(table, row, column);
    if constexpr (std::is_floating_point_v<T>) {
      value = number;
    } else {
      bool fits = false;
      if constexpr (std::is_same_v<T, bool>)
        fits = number == 0 || number == 1;
      else  // whole numbers that a double holds exactly
        fits = std::abs(number) <= 9e15 && std::floor(number) == number &&
               std::in_range<T>(int64_t(number));
      if (!fits)
        fail(ErrorCode::bad_input, "{} line {}, column {}: '{}' is not {}", table.path,
             table.line_numbers[row], name, table.rows[row][size_t(column)],
             std::is_same_v<T, bool> ? "0 or 1" : "a whole number in range");
      value = T(number);
    }
  }
}

}  // namespace detail

/// @throws Error{bad_input} naming the file and the column that is missing, or the unusable cell.
template <HasRecordFields Row>
std::vector<Row> rows_in(const Table& table) {
  std::vector<Row> rows(table.rows.size());
  for (size_t r = 0; r < rows.size(); ++r)
    visit_record(rows[r], [&](const char* name, auto& field, const char* = "") {
      using Field = std::remove_cvref_t<decltype(field)>;
      const int column = table.find(name);
      if constexpr (!detail::is_column<Field>) {
        // a part that only the record has
      } else if constexpr (detail::is_made_of<Field, std::optional>::value) {
        if (column >= 0) detail::read_cell(table, r, column, name, field.emplace());
      } else {
        if (column < 0) fail(ErrorCode::bad_input, "{} has no column '{}'", table.path, name);
        detail::read_cell(table, r, column, name, field);
      }
    });
  return rows;
}

namespace detail {
template <class T>
std::string cell_text(const T& value) {
  if constexpr (std::is_same_v<T, std::string>)
    return value;
  else if constexpr (std::is_integral_v<T>)
    return std::to_string(value);
  else
    return format_number(value);
}

/// visit(name, cell, what it means) for each column that a row has.
template <HasRecordFields Row, class Visit>
void visit_cells(const Row& row, const Visit& visit) {
  visit_record(row, [&](const char* name, const auto& field, const char* meaning = "") {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (!is_column<Field>) {
      // a part that only the record has
    } else if constexpr (is_made_of<Field, std::optional>::value) {
      if (field) visit(name, cell_text(*field), meaning);
    } else {
      visit(name, cell_text(field), meaning);
    }
  });
}
}  // namespace detail

/// The columns of rows: fields that are texts or numbers; of optionals those with a value. All rows
/// have the same.
/// @param example  has the columns where there are no rows.
template <HasRecordFields Row>
DescribedColumns columns_of_rows(const std::vector<Row>& rows, const Row& example = {}) {
  DescribedColumns columns;
  detail::visit_cells(rows.empty() ? example : rows[0],
                      [&](const char* name, const std::string&, const char* meaning) {
                        columns.emplace_back(name, meaning);
                      });
  return columns;
}

/// The cells of rows in these columns.
template <HasRecordFields Row>
TableRows cells_of_rows(const std::vector<Row>& rows, const DescribedColumns& columns) {
  TableRows cells(rows.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    detail::visit_cells(rows[r], [&](const char* name, std::string cell, const char*) {
      const size_t c = cells[r].size();
      require(c < columns.size() && columns[c].first == name, "rows of a table differ in columns");
      cells[r].push_back(std::move(cell));
    });
    require(cells[r].size() == columns.size(), "rows of a table differ in columns");
  }
  return cells;
}

/// The text of a table.
std::string table_text(const DescribedColumns& columns, const TableRows& rows);
template <HasRecordFields Row>
std::string table_of(const std::vector<Row>& rows) {
  const DescribedColumns columns = columns_of_rows(rows);
  return table_text(columns, cells_of_rows(rows, columns));
}

/// A table of a record: its rows, and what the JSON beside it says of it.
template <class RowType, class FactsType>
struct StoredTable {
  using Row = RowType;
  using Facts = FactsType;
  std::string path;  ///< of the table
  std::vector<Row> rows;
  Facts facts;
  ByName<std::string> descriptions = {};  ///< what the columns mean, by name
};

/// The descriptions of columns in a record: its objects that have a Description.
ByName<std::string> column_descriptions(const Json& record);

/// The table beside a record: NAME.tsv of NAME.json.
std::string table_beside(const std::string& record_path);

/// Reads both. Facts::kKind says which record it must be.
/// @param record_path  of the JSON.
/// @throws Error{bad_input}
template <class Stored>
Stored read_stored_table(const std::string& record_path) {
  Stored stored;
  const Json record = read_record(record_path, Stored::Facts::kKind);
  stored.facts = parse_record<typename Stored::Facts>(record, record_path);
  stored.descriptions = column_descriptions(record);
  stored.path = table_beside(record_path);
  stored.rows = rows_in<typename Stored::Row>(read_table(stored.path));
  return stored;
}

}  // namespace sociometer
