#pragma once
#include <map>
#include <optional>
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

}  // namespace sociometer::jobs
