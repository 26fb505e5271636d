#include "tests/cli/simulated_study.hpp"

#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/bytes/byte_stream.hpp"
#include "tests/cli/program.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Held by the one process that simulates; others wait.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace

::testing::AssertionResult simulated_study(const std::string& folder, int participants) {
  const fs::path place = fs::read_symlink("/proc/self/exe").parent_path() / "simulated";
  fs::create_directories(place);
  const FileLock lock(place / fmt::format("{}.lock", participants));
  const std::string program = fmt::format("{:016x}", checksum_of_file(SOCIOMETER_PROGRAM));
  const fs::path kept = place / fmt::format("{}-{}", participants, program);
  if (!fs::exists(kept)) {
    // Those of earlier programs, and what a killed test left.
    for (const auto& entry : fs::directory_iterator(place))
      if (entry.is_directory() &&
          entry.path().filename().string().starts_with(fmt::format("{}-", participants)))
        fs::remove_all(entry);
    const fs::path unfinished = kept.string() + ".unfinished";
    const auto made = exits_with(run_program({"simulate", unfinished.string(), "--participants",
                                              std::to_string(participants), "--trials", "30",
                                              "--grid", "tiny", "--log-level", "error"}),
                                 0);
    if (!made) return made;
    fs::rename(unfinished, kept);
  }
  fs::create_directories(fs::path(folder).parent_path());
  fs::copy(kept, folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  return ::testing::AssertionSuccess();
}

}  // namespace sociometer::testing
