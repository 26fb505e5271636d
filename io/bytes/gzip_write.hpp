#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sociometer {

/// Incremental compression to one gzip member, without file name or time, for data that do not fit
/// into memory. The same pieces give the same bytes on all processors with SSE4.2. The result is
/// larger than that of gzip_compress, for maps by a third.
class GzipWriter {
 public:
  /// @param expected_bytes  of the result: memory is set aside for as many, so that none of them is
  /// copied as the result grows.
  explicit GzipWriter(size_t expected_bytes = 0);
  ~GzipWriter();
  void add(std::span<const std::byte> data);
  /// The compressed bytes; nothing can be added afterwards.
  std::vector<uint8_t> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One gzip member without file name or time: the same bytes every time and on every processor.
std::vector<uint8_t> gzip_compress(std::span<const std::byte> data);

/// The same with zlib header and checksum, as required by HDF5's deflate filter.
/// @param level  of libdeflate: 1 for what is read once or twice, 9 for what is sent around.
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data, int level = 1);

}  // namespace sociometer
