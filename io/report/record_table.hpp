#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "io/records/table_rows.hpp"
#include "io/report/html.hpp"
#include "io/report/plot.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

namespace detail {
template <class T>
HtmlTable::Cell cell_of(const T& value) {
  HtmlTable::Cell cell;
  if constexpr (is_made_of<T, std::optional>::value) {
    if (value) return cell_of(*value);
    cell.text = "n/a";
  } else if constexpr (std::is_same_v<T, std::string>) {
    cell.text = value;
  } else if constexpr (std::is_same_v<T, bool>) {
    cell.text = value ? "1" : "0";
    cell.shown = value ? "yes" : "no";
  } else if constexpr (std::is_floating_point_v<T>) {
    cell.text = format_number(value);
    cell.shown = rounded_number(value);
  } else {
    cell.text = std::to_string(value);
  }
  return cell;
}

/// Whether a field has a column: parts with fields of their own and lists have none.
template <class T>
inline constexpr bool is_cell = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;
template <class T>
inline constexpr bool is_cell<std::optional<T>> = is_cell<T>;

template <class T>
constexpr bool is_text_cell = std::is_same_v<T, std::string> || std::is_same_v<T, bool> ||
                              std::is_same_v<T, std::optional<std::string>>;
}  // namespace detail

/// Rows of a record's table (table_rows.hpp) for a page: columns as the TSV names them, numbers in
/// full in the download and short on the page.
/// @param explanations  of columns, by name.
/// @param left_out      columns that neither the page nor its download has.
template <HasRecordFields Row>
HtmlTable html_rows(std::string id, std::string caption, std::string file_name,
                    const std::vector<Row>& rows, const ByName<std::string>& explanations = {},
                    const std::vector<std::string>& left_out = {}) {
  const auto is_shown = [&](const char* name) {
    return std::find(left_out.begin(), left_out.end(), name) == left_out.end();
  };
  HtmlTable table{std::move(id), std::move(caption), std::move(file_name), {}, {}};
  const Row example{};
  visit_record(example, [&](const char* name, const auto& field, const char* = "") {
    if (!detail::is_cell<std::remove_cvref_t<decltype(field)>> || !is_shown(name)) return;
    HtmlTable::Column column{name, !detail::is_text_cell<std::remove_cvref_t<decltype(field)>>, {}};
    for (const auto& [known, text] : explanations)
      if (known == name) column.explanation = text;
    table.columns.push_back(std::move(column));
  });
  for (const Row& row : rows) {
    table.rows.emplace_back();
    visit_record(row, [&](const char* name, const auto& field, const char* = "") {
      if constexpr (detail::is_cell<std::remove_cvref_t<decltype(field)>>)
        if (is_shown(name)) table.rows.back().push_back(detail::cell_of(field));
    });
  }
  return table;
}

/// A cell of text, and of a number: in full in the download and short on the page.
HtmlTable::Cell text_cell(std::string text, std::string shown = {});
HtmlTable::Cell number_cell(double value);

/// The last part of a path: what a download of that table is called.
std::string file_name_of(const std::string& path);

}  // namespace sociometer
