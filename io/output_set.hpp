#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sociometer {

/// Output files that appear together or not at all.
///
/// Files are written into a hidden folder beside their final place and renamed by commit(). Without
/// commit() everything made here is removed again, the output folder too when it was made here and
/// is empty.
class OutputSet {
 public:
  /// @throws Error{cannot_write} when the folder cannot be made or written to.
  explicit OutputSet(std::filesystem::path folder);
  ~OutputSet();
  OutputSet(const OutputSet&) = delete;
  OutputSet& operator=(const OutputSet&) = delete;

  /// Writes one file; `name` may have sub-folders. Safe to call from several threads at a time.
  void write(const std::string& name, std::span<const uint8_t> bytes);
  void write(const std::string& name, const std::string& text);
  /// @throws Error{usage} when a name would lead out of the folder.
  void check_name(const std::string& name) const;
  /// A temporary path for a library that writes the file itself.
  std::filesystem::path stage(const std::string& name);
  /// Renames everything to its final name.
  void commit();
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void remove_made_folders();
  std::filesystem::path folder_, staging_;
  std::vector<std::filesystem::path> made_folders_;
  bool committed_ = false;
};

}  // namespace sociometer
