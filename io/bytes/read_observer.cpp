#include "io/bytes/read_observer.hpp"

#include <filesystem>
#include <mutex>
#include <set>

namespace sociometer {
namespace {
std::function<void(const std::string&, uint64_t)> g_read_observer;
std::mutex g_mutex;
std::set<std::string> g_read;

std::string real_path(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}
}  // namespace

void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer) {
  g_read_observer = std::move(observer);
}

bool was_read(const std::string& path) {
  const std::lock_guard lock(g_mutex);
  return g_read.contains(real_path(path));
}

void remember_read(const std::string& path) {
  const std::string real = real_path(path);
  const std::lock_guard lock(g_mutex);
  g_read.insert(real);
}

void tell_read(const std::string& path) {
  remember_read(path);
  if (!g_read_observer) return;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  g_read_observer(path, error ? 0 : uint64_t(bytes));
}

}  // namespace sociometer
