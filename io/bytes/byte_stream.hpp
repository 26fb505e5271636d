#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sociometer {

/// Bytes of a file from front to back, inflated on the way when the file is gzip (told by its first
/// bytes, not by its name).
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills `out` as far as the data reach; fewer bytes mean the end.
  /// @throws Error{bad_input} when the file cannot be read or its compression is damaged.
  virtual size_t read(std::span<std::byte> out) = 0;
  /// XXH3 (64 bits, as `xxhsum -H3` prints it) of the file's own bytes read so far.
  virtual uint64_t file_checksum() const = 0;
  virtual uint64_t file_bytes_read() const = 0;
};

/// @throws Error{bad_input} when the file does not exist or cannot be opened.
std::unique_ptr<ByteStream> open_byte_stream(const std::string& path);

/// XXH3 of a whole file.
uint64_t checksum_of_file(const std::string& path);

}  // namespace sociometer
