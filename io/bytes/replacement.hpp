#pragma once
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

namespace sociometer {

/// Files that get their final names one by one, and are taken back if one of them cannot.
///
/// Each rename is atomic, so that a reader sees the old or the new file. What is replaced stays
/// within reach in a folder aside until keep(); without it the destructor restores all of it.
/// A process that is killed in between leaves a part of the new files.
class Replacement {
 public:
  /// @param aside  an existing folder on the file system of the targets, removed by the caller.
  explicit Replacement(std::filesystem::path aside);
  ~Replacement();
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  /// Renames a file to `target` and makes the folders that it needs.
  std::error_code put(const std::filesystem::path& from, const std::filesystem::path& target);
  /// Takes a file away.
  std::error_code remove(const std::filesystem::path& target);
  /// Makes all of it final.
  void keep() { steps_.clear(); }

 private:
  struct Step {
    std::filesystem::path target;
    std::optional<std::filesystem::path> former;      ///< where the replaced file is
    std::vector<std::filesystem::path> made_folders;  ///< innermost first
  };
  void undo(const Step& step) noexcept;
  std::filesystem::path aside_;
  std::vector<Step> steps_;
  std::set<std::filesystem::path> there_;  ///< folders of targets: asked for once
  size_t n_aside_ = 0;
};

}  // namespace sociometer
