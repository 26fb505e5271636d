#include "io/bytes/staging_folder.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

namespace sociometer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStagingStart = ".sociometer-";

struct StagingRegistry {
  std::recursive_mutex guard;
  std::map<fs::path, std::vector<fs::path>> made_folders;  ///< by staging folder
};

/// Never destroyed, because a signal may arrive during process exit.
StagingRegistry& registry() {
  static auto* all = new StagingRegistry;
  return *all;
}

/// Identifies where process numbers are comparable: the machine and its PID namespace.
std::string machine_label() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  std::error_code ignored;
  const std::string names = fs::read_symlink("/proc/self/ns/pid", ignored).string();
  uint32_t hash = 2166136261u;  // FNV-1a
  for (unsigned char c : std::string(host) + "/" + names) hash = (hash ^ c) * 16777619u;
  return fmt::format("{:08x}", hash);
}

/// Start time of a process in clock ticks since boot; empty if there is no such process.
std::string process_start(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string line;
  if (!std::getline(file, line)) return "";
  // The second field is the program's name in parentheses and may contain any character.
  size_t at = line.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + 1);
  if (at == std::string::npos) return "";
  return line.substr(at + 1, line.find(' ', at + 1) - at - 1);
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  for (size_t from = 0; from <= name.size();) {
    const size_t to = std::min(name.find('-', from), name.size());
    parts.push_back(name.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

/// A staging folder of this machine whose process has ended, or whose PID was reused.
bool is_left_over(const std::string& name, const std::string& machine) {
  if (!is_staging_name(name)) return false;
  const auto parts = parts_of(name.substr(std::string(kStagingStart).size()));
  if (parts.size() != 4 || parts[0] != machine) return false;
  int process = 0;
  const char* end = parts[1].data() + parts[1].size();
  const auto read = std::from_chars(parts[1].data(), end, process);
  if (read.ec != std::errc() || read.ptr != end || process <= 0) return false;
  if (::kill(process, 0) != 0 && errno == ESRCH) return true;
  const std::string start = process_start(parts[1]);
  return !start.empty() && start != parts[2];
}

void remove_left_over(const fs::path& folder, const std::string& machine) {
  std::error_code ignored;
  std::vector<fs::path> dead;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (is_left_over(entry.path().filename().string(), machine)) dead.push_back(entry.path());
  for (const auto& path : dead) fs::remove_all(path, ignored);
}

}  // namespace

bool is_staging_name(const std::string& name) { return name.starts_with(kStagingStart); }

std::string final_name(const std::string& path) {
  fs::path name;
  for (const auto& part : fs::path(path))
    if (!is_staging_name(part.string())) name /= part;
  return name.string();
}

std::unique_lock<std::recursive_mutex> hold_staging() { return std::unique_lock(registry().guard); }

fs::path make_staging_folder(const fs::path& folder, std::vector<fs::path> made_folders) {
  static const std::string machine = machine_label();
  const std::string process = std::to_string(::getpid());
  const std::string start = process_start(process);
  const auto hold = hold_staging();
  remove_left_over(folder, machine);
  std::string pattern =
      (folder / fmt::format("{}{}-{}-{}-XXXXXX", kStagingStart, machine, process, start)).string();
  if (!::mkdtemp(pattern.data())) return {};
  registry().made_folders[pattern] = std::move(made_folders);
  return pattern;
}

void remove_staging_folder(const fs::path& staging) noexcept {
  const auto hold = hold_staging();
  std::error_code error;
  // A passing failure, as of a network file system, would leave the folder for good.
  for (int i = 0; i < 3; ++i)
    if (fs::remove_all(staging, error); !error) break;
  registry().made_folders.erase(staging);
}

void remove_all_staging() noexcept {
  registry().guard.lock();  // never unlocked
  std::error_code ignored;
  for (const auto& [staging, made] : registry().made_folders) {
    // Other threads may still be writing: retry to remove what they add in the meantime.
    for (int i = 0; i < 20 && fs::exists(staging, ignored); ++i) {
      fs::remove_all(staging, ignored);
      if (fs::exists(staging, ignored)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (const auto& folder : made) fs::remove(folder, ignored);  // only if empty
  }
}

}  // namespace sociometer
