#pragma once
#include <limits>

namespace sociometer {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A missing value in a table: n/a in text, NaN in memory.
inline constexpr double kMissing = kNaN;

}  // namespace sociometer
