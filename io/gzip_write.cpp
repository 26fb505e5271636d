#include "io/gzip_write.hpp"

#include <algorithm>

#include <isa-l.h>

#include "engine/core/error.hpp"

namespace sociometer {

namespace gzip_detail {

/// A stream of ISA-L and the bytes that it gave so far.
class Deflater {
 public:
  explicit Deflater(uint16_t wrapper) : work_(ISAL_DEF_LVL1_LARGE) {
    isal_deflate_init(&stream_);
    stream_.level = 1;
    stream_.level_buf = work_.data();
    stream_.level_buf_size = uint32_t(work_.size());
    stream_.gzip_flag = wrapper;
  }
  void add(std::span<const std::byte> data, bool last) {
    size_t consumed = 0;
    do {
      const size_t n =
          std::min(data.size() - consumed, size_t{1} << 30);  // ISA-L counts in 32 bits
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
  void deflate() {
    do {
      constexpr size_t kRoom = 65536;
      if (out_.size() - written_ < kRoom) out_.resize(out_.size() + out_.size() / 2 + 2 * kRoom);
      const size_t room = std::min(out_.size() - written_, size_t{1} << 30);
      stream_.next_out = out_.data() + written_;
      stream_.avail_out = uint32_t(room);
      require(isal_deflate(&stream_) == COMP_OK, "compression succeeds");
      written_ += room - stream_.avail_out;
    } while (stream_.avail_in > 0 || stream_.avail_out == 0 ||
             (stream_.end_of_stream && stream_.internal_state.state != ZSTATE_END));
  }

  std::vector<uint8_t> work_, out_;
  isal_zstream stream_{};  // isal_deflate_init leaves avail_in as it was
  size_t written_ = 0;
};

}  // namespace gzip_detail

namespace {

std::vector<uint8_t> compress(std::span<const std::byte> data, uint16_t wrapper) {
  gzip_detail::Deflater deflater(wrapper);
  deflater.add(data, true);
  return deflater.take();
}

}  // namespace

struct GzipWriter::State {
  gzip_detail::Deflater deflater{IGZIP_GZIP};
};
GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {}
GzipWriter::~GzipWriter() = default;
void GzipWriter::add(std::span<const std::byte> data) { state_->deflater.add(data, false); }
std::vector<uint8_t> GzipWriter::finish() {
  state_->deflater.add({}, true);
  return state_->deflater.take();
}

std::vector<uint8_t> gzip_compress(std::span<const std::byte> data) {
  return compress(data, IGZIP_GZIP);
}
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data) {
  return compress(data, IGZIP_ZLIB);
}

}  // namespace sociometer
