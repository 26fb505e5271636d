#pragma once
#include <string>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"
#include "io/records/table_rows.hpp"

namespace sociometer {

/// What the columns mean, as members of a record.
/// @throws std::logic_error for a column without a description.
Json dictionary_of(const DescribedColumns& columns);

/// Replaces what columns mean where it depends on settings.
/// @throws std::logic_error for words of no column.
void describe_columns(DescribedColumns& columns, const DescribedColumns& words);

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
/// The same of rows with described fields. @param example  see columns_of_rows.
template <HasRecordFields Row, HasRecordFields T>
void write_described_table(OutputSet& outputs, const std::string& name,
                           const std::vector<Row>& rows, const T& record,
                           const Provenance& provenance, const Row& example = {}) {
  const DescribedColumns columns = columns_of_rows(rows, example);
  write_described_table(outputs, name, columns, cells_of_rows(rows, columns), record, provenance);
}

}  // namespace sociometer
