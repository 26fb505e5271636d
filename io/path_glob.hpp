#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Paths with their globs (`*`, `?`, `[..]`) expanded, for arguments that a shell did not expand.
/// A path that exists is taken as it stands, also with such characters in its name; matches of a
/// glob are in byte order.
/// @throws Error{bad_input} naming a glob without a match.
std::vector<std::string> expand_globs(const std::vector<std::string>& paths);

}  // namespace sociometer
