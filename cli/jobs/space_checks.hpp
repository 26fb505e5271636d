#pragma once
#include <string>

#include "engine/core/journal.hpp"

namespace sociometer::jobs {

/// require_same_space, with a warning when the two spaces are only nearly the same.
void report_space(const std::string& image, const std::string& other, Journal& journal);

}  // namespace sociometer::jobs
