#pragma once
#include <string>
#include <vector>

#include <fmt/format.h>

namespace sociometer {

/// "a", "a and b", "a, b and c"; empty without parts.
inline std::string joined_with_and(const std::vector<std::string>& parts) {
  if (parts.size() < 2) return parts.empty() ? "" : parts.front();
  return fmt::format("{} and {}", fmt::join(parts.begin(), parts.end() - 1, ", "), parts.back());
}

}  // namespace sociometer
