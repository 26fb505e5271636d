// Streams of bytes, gzip or not, read in blocks of several sizes.
#include <array>

#include "io/bytes/byte_stream.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzzing::file_of("stream", data, size);
  static std::array<std::byte, 1 << 16> space;
  for (size_t block : {size_t{1000}, space.size()})
    fuzzing::refused_or_read([&] {
      const auto stream = open_byte_stream(path);
      size_t all = 0, n = 0;
      do {
        n = stream->read(std::span(space).first(block));
        all += n;
      } while (n == block && all < (size_t{16} << 20));
    });
  return 0;
}
