#pragma once
#include <cstddef>
#include <string>

namespace sociometer::jobs {

/// "1 job", "2 jobs".
inline std::string counted(size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace sociometer::jobs
