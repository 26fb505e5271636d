#include "io/bytes/read_log.hpp"

#include <filesystem>
#include <map>
#include <mutex>

namespace sociometer {
namespace {
std::function<void(const std::string&, uint64_t)> g_observer;

/// Which file was opened last when.
class ReadLog {
 public:
  void add(const std::string& path) {
    const std::string real = real_path(path);
    const std::lock_guard lock(mutex_);
    last_[real] = ++ticket_;
  }
  bool has(const std::string& path, ReadMark since) {
    const std::string real = real_path(path);
    const std::lock_guard lock(mutex_);
    const auto at = last_.find(real);
    return at != last_.end() && at->second > since.ticket;
  }
  ReadMark now() {
    const std::lock_guard lock(mutex_);
    return {ticket_};
  }

 private:
  static std::string real_path(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? path : real.string();
  }
  std::mutex mutex_;
  uint64_t ticket_ = 0;
  std::map<std::string, uint64_t> last_;
};

ReadLog& read_log() {
  static ReadLog log;
  return log;
}
}  // namespace

ReadMark ReadMark::now() { return read_log().now(); }

bool was_read(const std::string& path, ReadMark since) { return read_log().has(path, since); }

void remember_read(const std::string& path) { read_log().add(path); }

void tell_read(const std::string& path) {
  remember_read(path);
  if (!g_observer) return;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  g_observer(path, error ? 0 : uint64_t(bytes));
}

void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer) {
  g_observer = std::move(observer);
}

}  // namespace sociometer
