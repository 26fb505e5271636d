#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sociometer {

/// Sequential bytes of a file, decompressed on the fly if it is gzip (recognised by its magic
/// bytes, not by its name).
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills `out` with the next bytes and returns their number; fewer than out.size() mean the end.
  /// @throws Error{bad_input} if the file cannot be read or its compressed data are damaged.
  virtual size_t read(std::span<std::byte> out) = 0;
  /// XXH3 (64 bits, as `xxhsum -H3` prints it) of the raw file bytes read so far.
  virtual uint64_t file_checksum() const = 0;
  virtual uint64_t file_bytes_read() const = 0;
};

/// @throws Error{bad_input} if the file does not exist or cannot be opened.
std::unique_ptr<ByteStream> open_byte_stream(const std::string& path);

/// XXH3 of a whole file.
uint64_t checksum_of_file(const std::string& path);

}  // namespace sociometer
