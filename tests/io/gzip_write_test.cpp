#include "io/bytes/gzip_write.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

namespace sociometer::testing {
namespace {

std::vector<uint8_t> compressed(const std::vector<uint8_t>& bytes) {
  return gzip_compress(std::as_bytes(std::span(bytes)));
}

/// A gzip member decompressed by zlib, independently of ISA-L; checks length and CRC.
std::vector<uint8_t> inflated(std::vector<uint8_t> packed, size_t size) {
  std::vector<uint8_t> out(size + 1);
  z_stream stream{};
  constexpr int kGzipFormat = 16;
  EXPECT_EQ(inflateInit2(&stream, 15 + kGzipFormat), Z_OK);
  stream.next_in = packed.data();
  stream.avail_in = uInt(packed.size());
  stream.next_out = out.data();
  stream.avail_out = uInt(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u) << "bytes after the member";
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(GzipCompress, IsUndoneByZlib) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& bytes) {
    RC_ASSERT(inflated(compressed(bytes), bytes.size()) == bytes);
  }));
}

TEST(GzipCompress, IsUndoneByZlibForImagesOfManyBlocks) {
  std::vector<uint8_t> bytes(5'000'000);
  uint32_t state = 3;
  // Half noise, half zeros: incompressible and highly compressible data.
  for (size_t i = 0; i < bytes.size() / 2; ++i)
    bytes[i] = uint8_t((state = state * 1664525u + 1013904223u) >> 24);
  const auto packed = compressed(bytes);
  EXPECT_TRUE(inflated(packed, bytes.size()) == bytes);
  EXPECT_LT(packed.size(), 2'700'000u);
}

/// Leaves the stack full of ones where the next function puts its variables.
[[gnu::noinline]] void soil_the_stack() {
  volatile uint8_t bytes[100000];
  for (auto& b : bytes) b = 0xff;
}

TEST(GzipCompress, DoesNotDependOnWhatTheStackHeld) {
  const std::vector<uint8_t> bytes(1000, 42);
  for (int i = 0; i < 20; ++i) {
    soil_the_stack();
    EXPECT_EQ(inflated(compressed(bytes), bytes.size()), bytes);
  }
}

TEST(GzipCompress, GivesTheSameBytesEachTimeWithoutNameOrTime) {
  const std::vector<uint8_t> bytes(1000, 42);
  const auto packed = compressed(bytes);
  EXPECT_EQ(packed, compressed(bytes));
  ASSERT_GT(packed.size(), 18u);
  EXPECT_EQ(packed[3], 0) << "flags: no name, no comment";
  for (size_t i = 4; i < 8; ++i) EXPECT_EQ(packed[i], 0) << "time of the gzip header";
}

TEST(GzipWriter, GivesOneMemberOfAllPieces) {
  std::vector<uint8_t> bytes(3'000'000);
  uint32_t state = 5;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = i % 3 == 0 ? uint8_t((state = state * 1664525u + 1013904223u) >> 24) : 0;
  const auto packed = [&](size_t piece) {
    GzipWriter writer;
    for (size_t at = 0; at < bytes.size(); at += piece)
      writer.add(std::as_bytes(std::span(bytes)).subspan(at, std::min(piece, bytes.size() - at)));
    return writer.finish();
  };
  const auto first = packed(65536);
  EXPECT_TRUE(inflated(first, bytes.size()) == bytes);
  EXPECT_LT(first.size(), bytes.size() * 2 / 3);
  soil_the_stack();
  EXPECT_TRUE(packed(65536) == first);
  EXPECT_TRUE(inflated(packed(1'000'003), bytes.size()) == bytes);
}

}  // namespace
}  // namespace sociometer::testing
