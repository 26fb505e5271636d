#include "io/bytes/zlib_read.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <isa-l.h>

#include "engine/core/error.hpp"

namespace sociometer {

struct ZlibReader::State {
  inflate_state inflate;
};

ZlibReader::ZlibReader(std::span<const std::byte> bytes) : state_(std::make_unique<State>()) {
  require(bytes.size() <= std::numeric_limits<uint32_t>::max(), "ISA-L uses 32-bit counts");
  inflate_state& state = state_->inflate;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_ZLIB;
  // ISA-L does not write to its input.
  state.next_in = reinterpret_cast<uint8_t*>(const_cast<std::byte*>(bytes.data()));
  state.avail_in = uint32_t(bytes.size());
}

ZlibReader::~ZlibReader() = default;

size_t ZlibReader::read(std::span<std::byte> out) {
  inflate_state& state = state_->inflate;
  size_t got = 0;
  while (got < out.size() && state.block_state != ISAL_BLOCK_FINISH) {
    const size_t want = std::min(out.size() - got, size_t{1} << 30);
    state.next_out = reinterpret_cast<uint8_t*>(out.data()) + got;
    state.avail_out = uint32_t(want);
    const bool good = isal_inflate(&state) == ISAL_DECOMP_OK;
    const size_t done = want - state.avail_out;
    got += done;
    if (!good || done == 0) break;
  }
  return got;
}

}  // namespace sociometer
