#include "io/bytes/run_records.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "io/bytes/file_content.hpp"

namespace sociometer {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRecords = ".outputs";
constexpr const char* kDescription = "dataset_description.json";

/// Files of a record by their places in the folder; none that lies outside of it.
std::vector<fs::path> files_of_record(const fs::path& folder, const fs::path& record) {
  std::vector<fs::path> files;
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  std::istringstream lines(file_content(record.string()).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const fs::path name = fs::path(line).lexically_normal();
    if (line.empty() || name.is_absolute() || *name.begin() == "..") continue;
    const fs::path real = fs::weakly_canonical((folder / name).parent_path(), error);
    const fs::path within = real.lexically_relative(root);
    if (!error && !within.empty() && *within.begin() != "..")
      files.push_back(real / name.filename());
  }
  return files;
}

/// Removes a description of which nothing is left but itself.
void remove_lonely_description(const fs::path& folder) {
  std::error_code ignored;
  size_t n = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder, ignored)) ++n;
  if (n == 1 && !ignored) fs::remove(folder / kDescription, ignored);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

}  // namespace

size_t remove_spent_records(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_symlink(folder / kRecords, ignored)) return 0;
  std::vector<fs::path> records;
  for (const auto& entry : fs::directory_iterator(folder / kRecords, ignored))
    if (entry.path().extension() == ".txt") records.push_back(entry.path());
  size_t n = 0;
  for (const auto& record : records) {
    const auto files = files_of_record(folder, record);
    // All runs of a folder share its description.
    const bool spent = std::ranges::none_of(files, [](const fs::path& file) {
      return file.filename() != kDescription && is_there(file);
    });
    if (spent) n += fs::remove(record, ignored);
  }
  if (n > 0 && fs::remove(folder / kRecords, ignored))  // only when empty
    remove_lonely_description(folder);
  return n;
}

size_t remove_run(const fs::path& folder, const std::string& run) {
  std::error_code ignored;
  const fs::path record = folder / kRecords / (run + ".txt");
  if (fs::is_symlink(folder, ignored) || fs::is_symlink(folder / kRecords, ignored)) return 0;
  size_t n = 0;
  for (const auto& file : files_of_record(folder, record)) {
    if (!fs::is_directory(fs::symlink_status(file, ignored))) n += fs::remove(file, ignored);
    for (fs::path at = file.parent_path(); at != folder && fs::remove(at, ignored);)
      at = at.parent_path();
  }
  fs::remove(record, ignored);
  fs::remove(folder / kRecords, ignored);
  fs::remove(folder, ignored);
  return n;
}

}  // namespace sociometer
