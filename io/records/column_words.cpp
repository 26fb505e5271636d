#include "io/records/column_words.hpp"

namespace sociometer {

ByName<ColumnWords> read_dictionary(const std::string& path, RecordKind kind) {
  const Json record = read_record(path, kind);
  ByName<ColumnWords> columns;
  for (const auto& [name, value] : record.items()) {
    // "Grid" and the like have a description among their own fields, with initial capitals.
    const bool of_column = value.is_object() && value.contains("Description") &&
                           value["Description"].is_string() && !value.contains("Image");
    if (!of_column) continue;
    columns.emplace_back(name, ColumnWords{});
    read_value(value, columns.back().second, {path, "/" + name});
  }
  return columns;
}

}  // namespace sociometer
