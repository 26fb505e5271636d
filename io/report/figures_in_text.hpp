#pragma once
#include <string>
#include <vector>

#include "io/report/html.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// A number in a table: all its digits in the TSV, fewer on the page.
/// @param digits  after the point; negative: significant ones. NaN is n/a.
HtmlTable::Cell number_cell(double value, int digits);

/// "0.012", "< 0.001", "n/a": a p-value on the page.
std::string p_text(double p);
HtmlTable::Cell p_cell(double p);

/// "1 run", "3 runs".
std::string counted(long n, const std::string& what);

/// "(8, 24, -4)" mm.
std::string place_text(double x, double y, double z);

/// A table of clusters as group and clusters write it (cluster_table_tsv).
/// @param columns  what its columns mean, by name; several names may share an entry, "a, b".
/// @param volume   id of the statistic in the viewer: peaks become buttons that go there; empty:
///                 no buttons.
/// @param most     rows that are shown.
Html cluster_table(const Table& table,
                   const std::vector<std::pair<std::string, std::string>>& columns,
                   const std::string& id, const std::string& caption, const std::string& file_name,
                   const std::string& volume, size_t most = 100);

}  // namespace sociometer
