#pragma once
#include <optional>

#include "engine/core/error.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// What `read` returns, or nothing and a warning if it fails: one bad record must not take a whole
/// report away.
template <class Read>
auto attempt(Warnings& warnings, Read&& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    warnings.push_back(error.what());
    return std::nullopt;
  }
}

}  // namespace sociometer::jobs
