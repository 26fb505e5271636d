#include "io/bytes/path_glob.hpp"

#include <algorithm>
#include <filesystem>

#include <glob.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"
#include "io/bytes/folder_walk.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// Braces multiply: {a,b}{a,b}.. An upper bound of what they stand for, before any of it is made.
void require_few_alternatives(const std::string& pattern) {
  constexpr double kMost = 10'000;
  double product = 1;
  std::vector<double> open;  // alternatives of the braces that are not closed
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      open.push_back(1);
    } else if (pattern[i] == ',' && !open.empty()) {
      ++open.back();
    } else if (pattern[i] == '}' && !open.empty()) {
      product *= open.back();
      open.pop_back();
    }
  }
  if (product > kMost)
    fail(ErrorCode::usage, "'{}' stands for {:.0f} names; give alternatives for {:.0f} at most",
         shortened(pattern), product, kMost);
}

std::vector<std::string> matches_of(const std::string& pattern) {
  require_few_alternatives(pattern);
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(pattern.c_str(), GLOB_BRACE | GLOB_NOSORT, nullptr, &found) == 0)
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::sort(out.begin(), out.end());  // glob() sorts by locale
  return out;
}

/// A path as a pattern that matches it alone.
std::string literal(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (std::string("*?[]{},\\").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

/// "a/**/b": b in a and in every non-hidden folder below it.
std::vector<std::string> deep_matches_of(const std::string& pattern) {
  const size_t at = pattern.find("**/");
  if (at == std::string::npos || (at > 0 && pattern[at - 1] != '/')) return matches_of(pattern);
  const std::string rest = pattern.substr(at + 3);
  const std::vector<std::string> starts =
      at == 0 ? std::vector<std::string>{""} : matches_of(pattern.substr(0, at));
  std::vector<std::string> out;
  for (const std::string& start : starts)
    for (const std::string& folder : folders_below(start.empty() ? "." : start)) {
      const fs::path below =
          start.empty() ? fs::path(folder).lexically_relative(".") : fs::path(folder);
      std::string before = below == "." ? "" : literal(below.string());
      if (!before.empty() && !before.ends_with('/')) before += '/';
      const auto here = deep_matches_of(before + rest);
      out.insert(out.end(), here.begin(), here.end());
    }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

std::vector<std::string> expand_globs(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (path.find_first_of("*?[{") == std::string::npos || fs::exists(path, ignored)) {
      out.push_back(path);
      continue;
    }
    const auto found = deep_matches_of(path);
    if (found.empty()) fail(ErrorCode::bad_input, "no file matches '{}'", path);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace sociometer
