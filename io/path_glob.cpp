#include "io/path_glob.hpp"

#include <algorithm>
#include <filesystem>

#include <glob.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  const int code = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> out(found.gl_pathv, found.gl_pathv + (code == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  std::sort(out.begin(), out.end());  // the system's sorting follows the locale
  return out;
}

}  // namespace

std::vector<std::string> expand_globs(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (path.find_first_of("*?[") == std::string::npos || std::filesystem::exists(path, ignored)) {
      out.push_back(path);
      continue;
    }
    const auto found = matches_of(path);
    if (found.empty())
      fail(ErrorCode::bad_input, "no file matches {}; check the folder and the pattern", path);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace sociometer
