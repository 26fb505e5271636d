#include "io/gzip_write.hpp"

#include <algorithm>

#include <isa-l.h>

#include "engine/core/error.hpp"

namespace sociometer {

namespace {

std::vector<uint8_t> compress(std::span<const std::byte> data, uint16_t wrapper) {
  std::vector<uint8_t> work(ISAL_DEF_LVL1_LARGE);
  isal_zstream stream{};  // isal_deflate_init leaves avail_in as it was
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = work.data();
  stream.level_buf_size = uint32_t(work.size());
  stream.gzip_flag = wrapper;
  std::vector<uint8_t> out(data.size() / 2 + 4096);
  size_t written = 0, consumed = 0;
  do {
    if (stream.avail_in == 0 && consumed < data.size()) {
      const size_t n = std::min(data.size() - consumed, size_t{1} << 30);
      stream.next_in =
          const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(data.data())) + consumed;
      stream.avail_in = uint32_t(n);
      consumed += n;
    }
    stream.end_of_stream = consumed == data.size();
    if (out.size() - written < 65536) out.resize(out.size() + out.size() / 2 + 65536);
    const size_t room = std::min(out.size() - written, size_t{1} << 30);
    stream.next_out = out.data() + written;
    stream.avail_out = uint32_t(room);
    require(isal_deflate(&stream) == COMP_OK, "compression succeeds");
    written += room - stream.avail_out;
  } while (stream.internal_state.state != ZSTATE_END);
  out.resize(written);
  return out;
}

}  // namespace

std::vector<uint8_t> gzip_compress(std::span<const std::byte> data) {
  return compress(data, IGZIP_GZIP);
}
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data) {
  return compress(data, IGZIP_ZLIB);
}

}  // namespace sociometer
