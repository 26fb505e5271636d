#include "io/report/record_table.hpp"

#include <filesystem>

namespace sociometer {

HtmlTable::Cell text_cell(std::string text, std::string shown) {
  HtmlTable::Cell cell;
  cell.text = std::move(text);
  cell.shown = std::move(shown);
  return cell;
}

HtmlTable::Cell number_cell(double value) {
  return text_cell(format_number(value), rounded_number(value));
}

std::string file_name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace sociometer
