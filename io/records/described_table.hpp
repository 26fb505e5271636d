#pragma once
#include <string>
#include <utility>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer {

/// Columns of a table with what each of them means.
using DescribedColumns = std::vector<std::pair<std::string, std::string>>;
using TableRows = std::vector<std::vector<std::string>>;

/// Writes NAME.tsv and NAME.json: the dictionary of the columns, then the fields of `more`.
void write_described_table(OutputSet& outputs, const std::string& name,
                           const DescribedColumns& columns, const TableRows& rows,
                           const Json& more);

}  // namespace sociometer
