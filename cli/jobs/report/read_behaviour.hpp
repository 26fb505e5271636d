#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_reader.hpp"
#include "io/report/behaviour_section.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// What a folder of results has of `learn`: its tables, and the rounds of the people from the
/// tables of signals. Records that cannot be read become warnings.
/// @return nothing without such records. Of several analyses the first by path, the others named
/// in a warning.
/// @throws Error{bad_input} if there is no such folder.
std::optional<BehaviourFindings> read_behaviour(const std::string& folder, Warnings& warnings);
/// The same from the records that find_records found.
std::optional<BehaviourFindings> read_behaviour(const std::vector<FoundRecord>& records,
                                                Warnings& warnings);

}  // namespace sociometer::jobs
