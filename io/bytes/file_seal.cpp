#include "io/bytes/file_seal.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "io/bytes/file_hash.hpp"

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

/// XXH3 of the first `n` bytes; nullopt if they cannot be read.
std::optional<uint64_t> hash_of_first(int descriptor, uint64_t n) {
  FileHash hash;
  std::vector<uint8_t> buffer(size_t{1} << 20);
  if (::lseek(descriptor, 0, SEEK_SET) != 0) return std::nullopt;
  while (n > 0) {
    const ssize_t got =
        ::read(descriptor, buffer.data(), size_t(std::min<uint64_t>(n, buffer.size())));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    hash.add(buffer.data(), size_t(got));
    n -= uint64_t(got);
  }
  return hash.value();
}

std::array<uint8_t, kSealBytes> seal_of(uint64_t length, uint64_t hash) {
  std::array<uint8_t, kSealBytes> seal;
  std::memcpy(seal.data(), kSealMark.data(), 8);
  std::memcpy(seal.data() + 8, little_endian(length).data(), 8);
  std::memcpy(seal.data() + 16, little_endian(hash).data(), 8);
  return seal;
}

}  // namespace

void seal_file(const std::string& path) {
  const auto give_up = [&] {
    fail(ErrorCode::cannot_write, "cannot write {}: {}", path, std::strerror(errno));
  };
  const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (file.number < 0) give_up();
  const off_t length = ::lseek(file.number, 0, SEEK_END);
  if (length < 0) give_up();
  const auto hash = hash_of_first(file.number, uint64_t(length));
  if (!hash) give_up();
  const auto seal = seal_of(uint64_t(length), *hash);
  if (::lseek(file.number, length, SEEK_SET) != length ||
      ::write(file.number, seal.data(), seal.size()) != ssize_t(seal.size()) ||
      ::fsync(file.number) != 0)
    give_up();
}

void check_seal(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) fail(ErrorCode::bad_input, "cannot open {}: {}", path, std::strerror(errno));
  const off_t size = ::lseek(file.number, 0, SEEK_END);
  std::array<uint8_t, kSealBytes> seal{};
  if (size < off_t(kSealBytes) ||
      ::pread(file.number, seal.data(), seal.size(), size - off_t(kSealBytes)) !=
          ssize_t(kSealBytes) ||
      std::memcmp(seal.data(), kSealMark.data(), 8) != 0)
    fail(ErrorCode::bad_input,
         "{} ({} bytes) has no checksum at its end: it was cut, is no file of this program, or an "
         "earlier version wrote it; make it again",
         path, size);
  const uint64_t length = uint64_t(size) - kSealBytes;
  const auto hash = hash_of_first(file.number, length);
  if (!hash) fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(errno));
  if (seal != seal_of(length, *hash))
    fail(ErrorCode::bad_input,
         "{} is damaged: its {} bytes have the checksum {:016x}, which is not the one written at "
         "its "
         "end; copy it again, or make it again",
         path, length, *hash);
}

}  // namespace sociometer
