#include "io/bytes/folder_walk.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include <sys/stat.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// Nothing of a folder that has been removed.
std::vector<fs::directory_entry> entries_if_there(const fs::path& folder) {
  try {
    return entries_of_folder(folder);
  } catch (const Error&) {
    std::error_code ignored;
    if (fs::exists(folder, ignored)) throw;
    return {};
  }
}

class FolderWalk {
 public:
  std::vector<std::string> all(const std::string& start) {
    visit(start, Reached::without_links);
    // Links last: what they lead to may have been listed without them.
    for (; !links_.empty(); links_.pop_front()) visit(links_.front(), Reached::by_a_link);
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  enum class Reached { without_links, by_a_link };

  /// Without links there is one way to each folder; not all file systems number theirs uniquely.
  bool is_to_be_listed(const std::string& path, Reached how) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) return false;
    const bool is_new = seen_.emplace(about.st_dev, about.st_ino).second;
    return is_new || how == Reached::without_links;
  }

  /// A folder and those below it that no further link leads to.
  void visit(std::string start, Reached how) {
    for (std::deque<std::string> open{std::move(start)}; !open.empty(); open.pop_front()) {
      const std::string folder = open.front();
      if (!is_to_be_listed(folder, how)) continue;
      found_.push_back(folder);
      std::vector<std::string> links;
      for (const auto& entry : entries_if_there(folder)) {
        std::error_code ignored;
        if (entry.path().filename().native().starts_with('.')) continue;
        if (entry.is_symlink(ignored))
          links.push_back(entry.path().string());
        else if (entry.is_directory(ignored))
          open.push_back(entry.path().string());
      }
      links_.insert(links_.end(), links.begin(), links.end());
    }
  }

  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<std::string> found_;
  std::deque<std::string> links_;
};

}  // namespace

std::vector<fs::directory_entry> entries_of_folder(const fs::path& folder) {
  constexpr int kMostInterrupts = 100;
  for (int n = 0;; ++n) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) entries.push_back(*at);
    if (error == std::errc::interrupted && n < kMostInterrupts) continue;
    if (error)
      fail(ErrorCode::bad_input, "{} cannot be listed: {}", folder.string(), error.message());
    std::sort(entries.begin(), entries.end());
    return entries;
  }
}

std::vector<std::string> folders_below(const std::string& start) { return FolderWalk().all(start); }

}  // namespace sociometer
