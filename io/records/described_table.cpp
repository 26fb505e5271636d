#include "io/records/described_table.hpp"

#include "io/tables/table.hpp"

namespace sociometer {

void write_described_table(OutputSet& outputs, const std::string& name,
                           const DescribedColumns& columns, const TableRows& rows, const Json& more,
                           const Provenance& provenance, RecordKind kind) {
  std::vector<std::string> names;
  Json sidecar;
  for (const auto& [column, description] : columns) {
    names.push_back(column);
    sidecar[column] = {{"Description", description}};
  }
  append(sidecar, more);
  provenance.sign(sidecar, kind);
  outputs.write(name + ".tsv", to_tsv(names, rows));
  outputs.write(name + ".json", to_text(sidecar));
}

}  // namespace sociometer
