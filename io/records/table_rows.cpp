#include "io/records/table_rows.hpp"

#include <filesystem>

namespace sociometer {

ByName<std::string> column_descriptions(const Json& record) {
  ByName<std::string> out;
  for (const auto& [name, value] : record.items())
    if (value.is_object() && value.contains("Description") && value["Description"].is_string())
      out.emplace_back(name, value["Description"].get<std::string>());
  return out;
}

std::string table_text(const DescribedColumns& columns, const TableRows& rows) {
  std::vector<std::string> names;
  for (const auto& [name, meaning] : columns) names.push_back(name);
  return to_tsv(names, rows);
}

std::string table_beside(const std::string& record_path) {
  return std::filesystem::path(record_path).replace_extension(".tsv").string();
}

}  // namespace sociometer
