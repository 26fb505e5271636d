#pragma once
#include "engine/core/error.hpp"

namespace sociometer::jobs {

/// What a command line cannot leave out, but a request in code or JSON can.
/// @throws Error{usage}
inline void require_given(bool given, const char* option) {
  if (!given) fail(ErrorCode::usage, "{} is missing", option);
}

}  // namespace sociometer::jobs
