#include "io/bytes/file_content.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/error.hpp"

namespace sociometer {

std::optional<std::string> file_content(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  int reason = descriptor < 0 ? errno : 0;
  std::string content;
  std::array<char, 65536> chunk;
  for (ssize_t n = 1; n != 0 && reason == 0;) {
    n = ::read(descriptor, chunk.data(), chunk.size());
    if (n > 0) content.append(chunk.data(), size_t(n));
    if (n < 0 && errno != EINTR) reason = errno;
  }
  if (descriptor >= 0) ::close(descriptor);
  if (reason != 0) fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(reason));
  return content;
}

std::string required_content(const std::string& path, const std::string& option) {
  auto content = file_content(path);
  if (!content)
    fail(ErrorCode::bad_input, "{}cannot read {}: it does not exist",
         option.empty() ? "" : option + ": ", path);
  return std::move(*content);
}

}  // namespace sociometer
