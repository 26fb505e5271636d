#pragma once
#include <string>
#include <utility>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer {

/// Columns of a table with what each of them means.
using DescribedColumns = std::vector<std::pair<std::string, std::string>>;
using TableRows = std::vector<std::vector<std::string>>;

/// Writes NAME.tsv and NAME.json: the dictionary of the columns, the fields of `more`, the
/// signature.
void write_described_table(OutputSet& outputs, const std::string& name,
                           const DescribedColumns& columns, const TableRows& rows, const Json& more,
                           const Provenance& provenance, RecordKind kind);
/// The same with a record of T::kKind.
template <HasRecordFields T>
void write_described_table(OutputSet& outputs, const std::string& name,
                           const DescribedColumns& columns, const TableRows& rows, const T& record,
                           const Provenance& provenance) {
  write_described_table(outputs, name, columns, rows, record_to_json(record), provenance, T::kKind);
}

}  // namespace sociometer
