#pragma once
#include <limits>

namespace sociometer {

/// A value that a table does not have: n/a in text, NaN in memory.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace sociometer
