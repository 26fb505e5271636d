#include "cli/jobs/report/listed_file.hpp"

#include <filesystem>
#include <iterator>

namespace sociometer::jobs {

namespace {

namespace fs = std::filesystem;

fs::path without_first(const fs::path& path) {
  fs::path out;
  for (auto part = std::next(path.begin()); part != path.end(); ++part) out /= *part;
  return out;
}

}  // namespace

std::string listed_file(const std::string& listed, const std::string& record) {
  std::error_code ignored;
  if (fs::exists(listed, ignored)) return listed;
  fs::path folder = fs::absolute(record, ignored).parent_path();
  for (; folder != folder.root_path() && !folder.empty(); folder = folder.parent_path())
    if (fs::exists(folder / listed, ignored)) return (folder / listed).string();
  // A whole path ends alike wherever its tree went; a bare name would be found anywhere.
  fs::path rest = fs::path(listed).relative_path();
  for (; std::distance(rest.begin(), rest.end()) > 1; rest = without_first(rest)) {
    fs::path above = fs::absolute(record, ignored).parent_path();
    for (; above != above.root_path() && !above.empty(); above = above.parent_path())
      if (fs::exists(above / rest, ignored)) return (above / rest).string();
  }
  return "";
}

}  // namespace sociometer::jobs
