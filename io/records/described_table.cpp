#include "io/records/described_table.hpp"

#include <algorithm>

namespace sociometer {

Json dictionary_of(const DescribedColumns& columns) {
  Json json = Json::object();
  for (const auto& [column, description] : columns) {
    require(!description.empty(), "a column has no description");
    json[column] = {{"Description", description}};
  }
  return json;
}

void describe_columns(DescribedColumns& columns, const DescribedColumns& words) {
  for (const auto& word : words) {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& column) { return column.first == word.first; });
    require(found != columns.end(), "a description is of no column");
    found->second = word.second;
  }
}

void write_described_table(OutputSet& outputs, const std::string& name,
                           const DescribedColumns& columns, const TableRows& rows, const Json& more,
                           const Provenance& provenance, RecordKind kind) {
  for (const auto& row : rows)
    require(row.size() == columns.size(), "a row of a table has other cells than its columns");
  Json sidecar = dictionary_of(columns);
  append(sidecar, more);
  provenance.sign(sidecar, kind);
  outputs.write(name + ".tsv", table_text(columns, rows));
  outputs.write(name + ".json", to_text(sidecar));
}

}  // namespace sociometer
