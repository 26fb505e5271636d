#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
  virtual bool compressed() const = 0;
};

/// Most bytes that a byte of a deflate stream can stand for: 258 are repeated by two bits.
/// @source RFC 1951, 3.2.5 and 3.2.6.
inline constexpr uint64_t kMostDeflated = 1032;

/// Opening a pipe would wait, and neither a pipe nor a device can be read a second time.
/// @throws Error{bad_input} if there is a folder, pipe or device of this name.
void refuse_other_than_file(const std::string& path);

/// What a file can hold at most, before it is read.
struct FileCapacity {
  uint64_t on_disk = 0;  ///< its bytes
  bool gzip = false;     ///< by its magic bytes
  uint64_t content = 0;  ///< bytes of content: on_disk, or kMostDeflated times that
};
/// @param gzip  whether it is compressed, if that is known: then the file is not opened.
/// @throws Error{bad_input} if it is no file or cannot be opened.
FileCapacity capacity_of_file(const std::string& path, std::optional<bool> gzip = {});

/// @throws Error{bad_input} if the file does not exist, is a folder, pipe or device, or cannot be
/// opened.
std::unique_ptr<ByteStream> open_byte_stream(const std::string& path);

/// XXH3 of a whole file.
uint64_t checksum_of_file(const std::string& path);

}  // namespace sociometer
