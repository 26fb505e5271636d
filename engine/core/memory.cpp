#include "engine/core/memory.hpp"

#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {

std::string memory_text(double bytes) {
  const double mib = std::ceil(bytes / 1048576.0 * 10) / 10;
  return mib < 1024 ? fmt::format("{:.1f} MiB", mib) : fmt::format("{:.2f} GiB", mib / 1024);
}

void require_memory(double needed, double allowed, const std::string& what,
                    const std::string& remedy) {
  if (allowed <= 0 || needed <= allowed) return;
  fail(ErrorCode::bad_input,
       "the memory limit of {} is too little: {} takes {}; give at least that, or {}",
       memory_text(allowed), what, memory_text(needed), remedy);
}

}  // namespace sociometer
