#include "io/bytes/file_seal.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "io/bytes/file_hash.hpp"
#include "io/bytes/staging_folder.hpp"

namespace sociometer {
namespace {

constexpr std::array<char, 8> kSealMark{'S', 'O', 'C', 'I', 'O', 'S', 'U', 'M'};
constexpr size_t kSealBytes = 24;

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::array<uint8_t, 8> little_endian(uint64_t value) {
  std::array<uint8_t, 8> bytes;
  for (auto& byte : bytes) {
    byte = uint8_t(value);
    value >>= 8;
  }
  return bytes;
}

/// Adds the first `n` bytes. @return whether they could be read.
bool add_first(int descriptor, uint64_t n, FileHash& hash) {
  std::vector<uint8_t> buffer(size_t{1} << 20);
  if (::lseek(descriptor, 0, SEEK_SET) != 0) return false;
  while (n > 0) {
    const ssize_t got =
        ::read(descriptor, buffer.data(), size_t(std::min<uint64_t>(n, buffer.size())));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    hash.add(buffer.data(), size_t(got));
    n -= uint64_t(got);
  }
  return true;
}

std::array<uint8_t, kSealBytes> seal_of(uint64_t length, uint64_t hash) {
  std::array<uint8_t, kSealBytes> seal;
  std::memcpy(seal.data(), kSealMark.data(), 8);
  std::memcpy(seal.data() + 8, little_endian(length).data(), 8);
  std::memcpy(seal.data() + 16, little_endian(hash).data(), 8);
  return seal;
}

/// False, with errno set, on failure.
bool write_whole(int descriptor, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(size_t(n));
  }
  return true;
}

/// Reads up to `bytes.size()` bytes from `at`; fewer only at the end of the file. -1 on failure.
ssize_t read_from(int descriptor, std::span<uint8_t> bytes, off_t at) {
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::pread(descriptor, bytes.data() + got, bytes.size() - got, at + off_t(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += size_t(n);
  }
  return ssize_t(got);
}

}  // namespace

void seal_file(const std::string& path) {
  const auto give_up = [&] {
    fail(ErrorCode::cannot_write, "cannot write {}: {}", final_name(path), std::strerror(errno));
  };
  const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (file.number < 0) give_up();
  const off_t length = ::lseek(file.number, 0, SEEK_END);
  if (length < 0) give_up();
  FileHash hash;
  if (!add_first(file.number, uint64_t(length), hash)) give_up();
  const auto seal = seal_of(uint64_t(length), hash.value());
  if (::lseek(file.number, length, SEEK_SET) != length || !write_whole(file.number, seal) ||
      ::fsync(file.number) != 0)
    give_up();
}

uint64_t check_seal(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) fail(ErrorCode::bad_input, "cannot open {}: {}", path, std::strerror(errno));
  return check_seal(file.number, path);
}

uint64_t check_seal(int descriptor, const std::string& path) {
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  std::array<uint8_t, kSealBytes> seal{};
  const ssize_t got =
      size < off_t(kSealBytes) ? 0 : read_from(descriptor, seal, size - off_t(kSealBytes));
  if (got < 0) fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(errno));
  if (got != ssize_t(kSealBytes) || std::memcmp(seal.data(), kSealMark.data(), 8) != 0)
    fail(ErrorCode::bad_input,
         "{} ({} bytes) has no checksum at its end: it was cut, is no file of this program, or an "
         "earlier version wrote it; make it again",
         path, size);
  const uint64_t length = uint64_t(size) - kSealBytes;
  FileHash hash;
  if (!add_first(descriptor, length, hash))
    fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(errno));
  if (seal != seal_of(length, hash.value()))
    fail(ErrorCode::bad_input,
         "{} is damaged: its {} bytes have the checksum {:016x}, which is not the one written at "
         "its "
         "end; copy it again, or make it again",
         path, length, hash.value());
  hash.add(seal.data(), seal.size());
  return hash.value();
}

}  // namespace sociometer
