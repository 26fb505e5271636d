#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Expands quoted globs as a shell would: `*`, `?`, `[..]`, `{a,b}`, and `**/` for nested folders.
///
/// An existing path is taken literally, whatever characters it contains; a path without glob
/// characters is passed through. Each glob's matches are sorted bytewise; hidden files need a dot.
/// @throws Error{bad_input} naming a glob without matches.
std::vector<std::string> expand_globs(const std::vector<std::string>& paths);

}  // namespace sociometer
