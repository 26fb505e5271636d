#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sociometer {

/// Compresses piece by piece to one gzip member, without file name or time, where the whole does
/// not fit into memory. The same pieces give the same bytes on all processors with SSE4.2. Files
/// are larger than those of gzip_compress, maps by a third.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  void add(std::span<const std::byte> data);
  /// What came out; nothing can be added any more.
  std::vector<uint8_t> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One gzip member without file name or time: the same bytes each time and on other processors.
std::vector<uint8_t> gzip_compress(std::span<const std::byte> data);

/// The same with the header and checksum of zlib, as HDF5's deflate filter reads it.
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data);

}  // namespace sociometer
