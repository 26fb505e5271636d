#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_reader.hpp"
#include "io/report/region_section.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// What a folder of results has of `roi extract`, `roi fit`, `roi test`, `roi dissociate` and `roi
/// individual`. Records that cannot be read become warnings.
/// @return nothing without such records.
/// @throws Error{bad_input} if there is no such folder.
std::optional<RegionFindings> read_regions(const std::string& folder, Warnings& warnings);
/// The same from the records that find_records found.
std::optional<RegionFindings> read_regions(const std::vector<FoundRecord>& records,
                                           Warnings& warnings);

}  // namespace sociometer::jobs
