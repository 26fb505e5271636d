#include "io/bytes/file_seal.hpp"

#include <gtest/gtest.h>

#include "io/bytes/byte_stream.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

TEST(FileSeal, KnowsTheFileThatWasSealed) {
  const TemporaryFolder folder;
  write_text(folder / "a", "content");
  seal_file(folder / "a");
  EXPECT_EQ(check_seal(folder / "a"), checksum_of_file(folder / "a"));
  EXPECT_EQ(read_bytes(folder / "a").substr(0, 7), "content");
}

TEST(FileSeal, RefusesEveryFlippedBitAndEveryCut) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_text(path, "content of a file");
  seal_file(path);
  const std::string sealed = read_bytes(path);
  for (size_t at = 0; at < sealed.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = sealed;
      bytes[at] = char(bytes[at] ^ (1 << bit));
      write_text(path, bytes);
      EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { check_seal(path); })) << at;
    }
  for (size_t size = 0; size < sealed.size(); ++size) {
    write_text(path, sealed.substr(0, size));
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { check_seal(path); })) << size;
  }
}

TEST(FileSeal, ReportsThatAFileHasNone) {
  const TemporaryFolder folder;
  write_text(folder / "a", std::string(100, 'x'));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {folder / "a", "no checksum"},
                      [&] { check_seal(folder / "a"); }));
}

}  // namespace
}  // namespace sociometer::testing
