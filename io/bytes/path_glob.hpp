#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Expands quoted globs as a shell would: `*`, `?`, `[..]`, `{a,b}`, and `**/` for any folders.
///
/// A path that exists is taken as it is, whatever characters it has; one without such characters is
/// handed on. Each glob's matches are sorted as a shell sorts them; hidden files need a dot.
/// @throws Error{bad_input} naming a glob that nothing matches.
std::vector<std::string> expand_globs(const std::vector<std::string>& paths);

}  // namespace sociometer
