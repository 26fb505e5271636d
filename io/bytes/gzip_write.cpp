#include "io/bytes/gzip_write.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include <isa-l.h>
#include <libdeflate.h>

#include "engine/core/error.hpp"
#include "engine/core/large_buffer.hpp"

namespace sociometer {

namespace gzip_detail {

/// An ISA-L stream and its output so far. Level 0, because levels 1 and 2 gave different bytes for
/// one file in 150 when a command was repeated, and level 3 does so on different processors.
class Deflater {
 public:
  explicit Deflater(size_t expected_bytes) {
    out_.reserve(expected_bytes);
    prefer_huge_pages({out_.data(), out_.capacity()});
    isal_deflate_init(&stream_);
    stream_.gzip_flag = IGZIP_GZIP;
  }
  void add(std::span<const std::byte> data, bool last) {
    size_t consumed = 0;
    do {
      const size_t n =
          std::min(data.size() - consumed, size_t{1} << 30);  // ISA-L uses 32-bit counts
      stream_.next_in =
          const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(data.data())) + consumed;
      stream_.avail_in = uint32_t(n);
      consumed += n;
      stream_.end_of_stream = last && consumed == data.size();
      deflate();
    } while (consumed < data.size());
  }
  std::vector<uint8_t> take() {
    out_.resize(written_);
    return std::move(out_);
  }

 private:
  /// Within what is set aside only by what is needed: new bytes are filled with zeros.
  void grow(size_t least) {
    const size_t more = out_.size() + least;
    out_.resize(more <= out_.capacity() ? more : more + more / 2);
  }
  void deflate() {
    do {
      constexpr size_t kRoom = 65536;
      if (out_.size() - written_ < kRoom) grow(2 * kRoom);
      const size_t room = std::min(out_.size() - written_, size_t{1} << 30);
      stream_.next_out = out_.data() + written_;
      stream_.avail_out = uint32_t(room);
      require(isal_deflate(&stream_) == COMP_OK, "compression succeeds");
      written_ += room - stream_.avail_out;
    } while (stream_.avail_in > 0 || stream_.avail_out == 0 ||
             (stream_.end_of_stream && stream_.internal_state.state != ZSTATE_END));
  }

  std::vector<uint8_t> out_;
  isal_zstream stream_{};  // isal_deflate_init does not initialise avail_in
  size_t written_ = 0;
};

}  // namespace gzip_detail

namespace {

constexpr int kMapLevel = 1;  ///< higher levels save half a percent on maps
constexpr int kMostLevel = 12;

/// One compressor per thread and level, because creating one takes longer than compressing a small
/// map.
libdeflate_compressor& compressor(int level) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  thread_local std::array<std::unique_ptr<libdeflate_compressor, Free>, kMostLevel + 1> own;
  auto& of_level = own.at(size_t(level));
  if (!of_level) of_level.reset(libdeflate_alloc_compressor(level));
  if (!of_level) throw std::bad_alloc();
  return *of_level;
}

template <typename Bound, typename Compress>
std::vector<uint8_t> compress(std::span<const std::byte> data, int level, Bound bound,
                              Compress compress) {
  libdeflate_compressor& own = compressor(level);
  std::vector<uint8_t> out(bound(&own, data.size()));
  const size_t n = compress(&own, data.data(), data.size(), out.data(), out.size());
  require(n > 0, "compression succeeds");
  out.resize(n);
  return out;
}

}  // namespace

struct GzipWriter::State {
  explicit State(size_t expected_bytes) : deflater(expected_bytes) {}
  gzip_detail::Deflater deflater;
};
GzipWriter::GzipWriter(size_t expected_bytes) : state_(std::make_unique<State>(expected_bytes)) {}
GzipWriter::~GzipWriter() = default;
void GzipWriter::add(std::span<const std::byte> data) { state_->deflater.add(data, false); }
std::vector<uint8_t> GzipWriter::finish() {
  state_->deflater.add({}, true);
  return state_->deflater.take();
}

std::vector<uint8_t> gzip_compress(std::span<const std::byte> data) {
  return compress(data, kMapLevel, libdeflate_gzip_compress_bound, libdeflate_gzip_compress);
}
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data, int level) {
  return compress(data, level, libdeflate_zlib_compress_bound, libdeflate_zlib_compress);
}

}  // namespace sociometer
