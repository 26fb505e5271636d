#pragma once
#include <string>

#include "io/records/individual_differences.hpp"

namespace sociometer::jobs {

/// One panel per slope, a row per signal, written to `path` as PNG.
void draw_individual(const IndividualRecord& record, const std::string& path);

}  // namespace sociometer::jobs
