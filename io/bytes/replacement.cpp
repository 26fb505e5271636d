#include "io/bytes/replacement.hpp"

#include <string>

#include <unistd.h>

namespace sociometer {
namespace fs = std::filesystem;

Replacement::Replacement(fs::path aside) : aside_(std::move(aside)) {}

Replacement::~Replacement() {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) undo(*step);
}

void Replacement::undo(const Step& step) noexcept {
  std::error_code ignored;
  if (step.former)
    fs::rename(*step.former, step.target, ignored);
  else
    fs::remove(step.target, ignored);
  for (const auto& folder : step.made_folders) fs::remove(folder, ignored);  // only if empty
}

std::error_code Replacement::put(const fs::path& from, const fs::path& target) {
  Step step{target, std::nullopt, {}};
  std::error_code error, ignored;
  const fs::path folder = target.parent_path();
  if (!there_.contains(folder)) {
    for (fs::path at = folder; !at.empty() && !fs::exists(at, ignored); at = at.parent_path())
      step.made_folders.push_back(at);
    fs::create_directories(folder, error);
    if (!error) there_.insert(folder);
  }
  const fs::file_status before = fs::symlink_status(target, ignored);
  if (!error && fs::exists(before) && !fs::is_directory(before)) {
    const fs::path former = aside_ / std::to_string(n_aside_++);
    // A second name leaves the file in its place until the rename. File systems without links, and
    // files of other owners, do not allow it.
    if (::link(target.c_str(), former.c_str()) != 0) fs::rename(target, former, error);
    if (!error) step.former = former;
  }
  if (!error) fs::rename(from, target, error);
  // If the target still is the former file, renaming one name of a file to another does nothing.
  if (!error || step.former)
    steps_.push_back(std::move(step));
  else
    for (const auto& made : step.made_folders) {
      fs::remove(made, ignored);
      there_.erase(made);
    }
  return error;
}

std::error_code Replacement::remove(const fs::path& target) {
  std::error_code error;
  const fs::path former = aside_ / std::to_string(n_aside_++);
  fs::rename(target, former, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (!error) steps_.push_back({target, former, {}});
  return error;
}

}  // namespace sociometer
