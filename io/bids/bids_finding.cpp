#include "io/bids/bids_finding.hpp"

#include <fmt/format.h>

namespace sociometer {

std::string first_few(const std::vector<std::string>& names, size_t most) {
  if (names.size() <= most + 1) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + long(most), ", "),
                     names.size() - most);
}

}  // namespace sociometer
