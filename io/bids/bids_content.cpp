#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_runs.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// An unlocked file of git-annex without content: a small text with the address of the content.
/// @source git-annex, doc/internals/pointer_file.mdwn: at most 32 KiB, starts with /annex/objects/.
bool is_pointer(const std::string& path) {
  static constexpr std::string_view kStart = "/annex/objects/";
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  if (failure || size < kStart.size() || size > 32768) return false;
  std::array<char, kStart.size()> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  return file && std::string_view(bytes.data(), bytes.size()) == kStart;
}

bool is_here(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !is_pointer(path);
}

}  // namespace

void require_content(const RunFiles& run) {
  std::vector<std::string> paths{run.bold, run.mask, run.confounds, run.events}, missing;
  paths.insert(paths.end(), run.sidecars.begin(), run.sidecars.end());
  paths.insert(paths.end(), run.events_sidecars.begin(), run.events_sidecars.end());
  for (const auto& path : paths)
    if (!path.empty() && !is_here(path)) missing.push_back(path);
  if (missing.empty()) return;
  std::error_code ignored;
  const fs::path target = fs::read_symlink(missing[0], ignored);
  if (!target.empty() && target.string().find(".git/annex") == std::string::npos)
    fail(ErrorCode::bad_input, "{} is a link to {}, which does not exist", missing[0],
         target.string());
  fail(
      ErrorCode::bad_input,
      "{}: the content of {} is not on this machine (git-annex has only its address); run: datalad "
      "get {}",
      run.run_label(), missing.size() == 1 ? "1 file" : fmt::format("{} files", missing.size()),
      fmt::join(missing, " "));
}

}  // namespace sociometer
