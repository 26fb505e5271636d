#include "io/output_set.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "io/staging_folder.hpp"

namespace sociometer {
namespace fs = std::filesystem;

OutputSet::OutputSet(fs::path folder) : folder_(std::move(folder)) {
  if (folder_.empty()) fail(ErrorCode::usage, "the output folder has no name");
  std::error_code error;
  const auto hold = hold_staging();
  for (fs::path p = fs::absolute(folder_).lexically_normal(); !p.empty() && !fs::exists(p, error);
       p = p.parent_path())
    made_folders_.push_back(p);
  fs::create_directories(folder_, error);
  if (error) {
    const std::string reason = error.message();
    remove_made_folders();
    fail(ErrorCode::cannot_write, "cannot make the output folder {}: {}", folder_.string(), reason);
  }
  staging_ = make_staging_folder(folder_, made_folders_);
  if (staging_.empty()) {
    const std::string reason = std::strerror(errno);
    remove_made_folders();
    fail(ErrorCode::cannot_write, "cannot write to the output folder {}: {}", folder_.string(),
         reason);
  }
}

void OutputSet::remove_made_folders() {
  std::error_code ignored;
  for (const auto& made : made_folders_) fs::remove(made, ignored);  // only when empty
}

OutputSet::~OutputSet() {
  remove_staging_folder(staging_);
  if (committed_) return;
  remove_made_folders();
}

void OutputSet::check_name(const std::string& name) const {
  const fs::path relative = fs::path(name).lexically_normal();
  if (relative.is_absolute() || relative.empty() || *relative.begin() == "..")
    fail(ErrorCode::usage,
         "the output name {} leads out of the output folder {}; use another --prefix", name,
         folder_.string());
}

fs::path OutputSet::stage(const std::string& name) {
  check_name(name);
  const fs::path path = staging_ / fs::path(name).lexically_normal();
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", (folder_ / name).string(),
         error.message());
  return path;
}

void OutputSet::write(const std::string& name, std::span<const uint8_t> bytes) {
  const fs::path path = stage(name);
  const auto give_up = [&] {
    fail(ErrorCode::cannot_write, "cannot write {}: {}", (folder_ / name).string(),
         std::strerror(errno));
  };
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) give_up();
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = ::write(descriptor, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = errno;
      ::close(descriptor);
      errno = reason;
      give_up();
    }
    written += size_t(n);
  }
  if (::close(descriptor) != 0) give_up();
}

void OutputSet::write(const std::string& name, const std::string& text) {
  write(name, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void OutputSet::commit() {
  const auto hold = hold_staging();
  for (const auto& entry : fs::recursive_directory_iterator(staging_)) {
    if (!entry.is_regular_file()) continue;
    const fs::path target = folder_ / fs::relative(entry.path(), staging_);
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::rename(entry.path(), target, error);
    if (error)
      fail(ErrorCode::cannot_write, "cannot write {}: {}", target.string(), error.message());
    committed_ = true;
  }
  committed_ = true;
}

}  // namespace sociometer
