#include "io/read_observer.hpp"

#include <filesystem>

namespace sociometer {
namespace {
std::function<void(const std::string&, uint64_t)> g_read_observer;
}

void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer) {
  g_read_observer = std::move(observer);
}

void tell_read(const std::string& path) {
  if (!g_read_observer) return;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  g_read_observer(path, error ? 0 : uint64_t(bytes));
}

}  // namespace sociometer
