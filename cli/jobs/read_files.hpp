#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/bytes/read.hpp"

namespace sociometer::jobs {

/// The files that a job has read, with the checksums that its readers took.
class ReadFiles {
 public:
  void add(const InputFile& file) { checksums_[file.path] = file.checksum; }
  void add(const std::vector<InputFile>& files) {
    for (const auto& file : files) add(file);
  }
  /// XXH3 of a file, under the path by which it was read; no value if it was not.
  std::optional<std::string> checksum(const std::string& path) const {
    const auto found = checksums_.find(path);
    return found == checksums_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::string> checksums_;
};

/// A file that several steps read is listed once.
inline void keep_first_of_each_path(std::vector<InputFile>& files) {
  std::set<std::string> seen;
  std::erase_if(files, [&](const InputFile& file) { return !seen.insert(file.path).second; });
}

}  // namespace sociometer::jobs
