#include "io/bytes/byte_stream.hpp"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <xxhash.h>

#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

/// Larger than the stream's own buffer (256 KiB), and incompressible.
std::string noise(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 7;
  for (auto& b : bytes) b = char((state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

std::string read_all(ByteStream& stream, size_t step) {
  std::string text;
  std::vector<std::byte> chunk(step);
  while (const size_t n = stream.read(chunk))
    text.append(reinterpret_cast<const char*>(chunk.data()), n);
  return text;
}

uint64_t xxh3_of(const std::string& bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

TEST(ByteStream, GivesTheSameBytesPlainAndCompressedForAnyStep) {
  const std::string bytes = noise(700001);
  const TemporaryFolder folder;
  write_text(folder / "plain", bytes);
  write_text(folder / "packed", gzipped(bytes));
  for (const char* name : {"plain", "packed"})
    for (size_t step : {size_t{977}, size_t{65536}, size_t{1} << 20})
      EXPECT_EQ(read_all(*open_byte_stream(folder / name), step), bytes) << name << " by " << step;
}

TEST(ByteStream, KnowsTheChecksumOfTheFileNotOfItsContent) {
  const std::string packed = gzipped(noise(700001));
  const TemporaryFolder folder;
  write_text(folder / "packed", packed);
  const auto stream = open_byte_stream(folder / "packed");
  read_all(*stream, 4096);
  EXPECT_EQ(stream->file_checksum(), xxh3_of(packed));
  EXPECT_EQ(stream->file_bytes_read(), packed.size());
  EXPECT_EQ(checksum_of_file(folder / "packed"), xxh3_of(packed));
}

/// The value published by xxHash's authors for empty input.
TEST(ByteStream, HasTheChecksumThatOthersPrint) {
  const TemporaryFolder folder;
  write_text(folder / "empty", "");
  EXPECT_EQ(checksum_of_file(folder / "empty"), 0x2d06800538d394c2u);
}

TEST(ByteStream, RecognisesGzipByItsFirstBytesNotByItsName) {
  const TemporaryFolder folder;
  write_text(folder / "a.tsv", gzipped("onset\n"));
  write_text(folder / "b.gz", "onset\n");
  EXPECT_EQ(read_all(*open_byte_stream(folder / "a.tsv"), 64), "onset\n");
  EXPECT_EQ(read_all(*open_byte_stream(folder / "b.gz"), 64), "onset\n");
}

TEST(ByteStream, ReadsMembersOneAfterAnother) {
  const std::string bytes = noise(600000);
  const TemporaryFolder folder;
  // The first member ends near the end of the stream's buffer, at different offsets.
  for (size_t cut : {size_t{1}, size_t{261900}, size_t{262100}, size_t{599999}}) {
    const std::string file = gzipped(bytes.substr(0, cut)) + gzipped(bytes.substr(cut));
    write_text(folder / "a.gz", file);
    const auto stream = open_byte_stream(folder / "a.gz");
    EXPECT_EQ(read_all(*stream, 10000), bytes) << "cut at " << cut;
    EXPECT_EQ(stream->file_checksum(), xxh3_of(file));
  }
}

TEST(ByteStream, PassesOverPaddingAfterTheLastMember) {
  const std::string file = gzipped("abc") + std::string(1000, '\0');
  const TemporaryFolder folder;
  write_text(folder / "a.gz", file);
  const auto stream = open_byte_stream(folder / "a.gz");
  EXPECT_EQ(read_all(*stream, 64), "abc");
  EXPECT_EQ(stream->file_checksum(), xxh3_of(file));
}

TEST(ByteStream, RefusesASecondMemberThatIsCut) {
  const std::string second = gzipped(noise(5000));
  const TemporaryFolder folder;
  const std::string path = folder / "a.gz";
  for (size_t kept : {size_t{1}, size_t{5}, size_t{2500}, second.size() - 1}) {
    write_text(path, gzipped("abc") + second.substr(0, kept));
    EXPECT_TRUE(
        refuses(ErrorCode::bad_input, {path}, [&] { read_all(*open_byte_stream(path), 64); }))
        << kept << " bytes of " << second.size();
  }
}

TEST(ByteStream, EndsWhereAFileIsCutWhileItIsRead) {
  const std::string bytes = noise(700001);
  const TemporaryFolder folder;
  write_text(folder / "plain", bytes);
  const auto stream = open_byte_stream(folder / "plain");
  std::vector<std::byte> chunk(1000);
  ASSERT_EQ(stream->read(chunk), chunk.size());
  std::filesystem::resize_file(folder / "plain", 5000);  // a mapped file would end the process
  EXPECT_EQ(read_all(*stream, 977), bytes.substr(1000, 4000));
  EXPECT_EQ(stream->file_bytes_read(), 5000u);
}

TEST(ByteStream, RefusesWhatItCannotOpen) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {folder / "none", "No such file"},
                      [&] { open_byte_stream(folder / "none"); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {folder.path().string(), "folder"},
                      [&] { open_byte_stream(folder.path().string()); }));
}

}  // namespace
}  // namespace sociometer::testing
