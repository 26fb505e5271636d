#pragma once
#include <string>

namespace sociometer::cli {

/// require_same_space, with a warning where the two spaces are nearly the same.
void tell_space(const std::string& image, const std::string& other);

}  // namespace sociometer::cli
