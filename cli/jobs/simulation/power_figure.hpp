#pragma once
#include <string>

#include "io/records/power_record.hpp"

namespace sociometer::jobs {

/// One panel per claim, written to `path` as PNG.
void draw_power_of(const PowerRecord& record, const std::string& path);

}  // namespace sociometer::jobs
