#include "io/stores/shuffle_part.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

ShufflePart example() {
  ShufflePart part;
  part.run = {{"Options", {{"--seed", {"3"}}}}, {"Inputs", Json::array({"a", 0.1})}};
  part.shard = 2;
  part.n_shards = 3;
  part.done = true;
  ShuffleResults some;
  some.first = 16;
  some.last = 19;
  some.voxel = {4.5, -0.0, 1e-300};
  some.extent = {0, 7, 9};
  some.reached.assign(5000, 2);
  some.reached[17] = 3;
  ShuffleResults none;
  none.first = none.last = 32;
  none.reached.assign(5000, 0);
  part.contrasts = {{"a", some}, {"b", none}};
  return part;
}

void expect_same(const ShufflePart& a, const ShufflePart& b) {
  EXPECT_EQ(a.run, b.run);
  EXPECT_EQ(a.shard, b.shard);
  EXPECT_EQ(a.n_shards, b.n_shards);
  EXPECT_EQ(a.done, b.done);
  ASSERT_EQ(a.contrasts.size(), b.contrasts.size());
  for (size_t c = 0; c < a.contrasts.size(); ++c) {
    const ShuffleResults &x = a.contrasts[c].results, &y = b.contrasts[c].results;
    EXPECT_EQ(a.contrasts[c].contrast, b.contrasts[c].contrast);
    EXPECT_EQ(x.first, y.first);
    EXPECT_EQ(x.last, y.last);
    EXPECT_EQ(x.voxel, y.voxel);
    EXPECT_EQ(x.tfce, y.tfce);
    EXPECT_EQ(x.extent, y.extent);
    EXPECT_EQ(x.mass, y.mass);
    EXPECT_EQ(x.reached, y.reached);
  }
}

TEST(ShufflePart, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  write_shuffle_part(folder / "part.h5", example());
  expect_same(read_shuffle_part(folder / "part.h5"), example());
  // The same content gives the same bytes, and no other files remain.
  write_shuffle_part(folder / "again.h5", example());
  EXPECT_EQ(read_bytes(folder / "part.h5"), read_bytes(folder / "again.h5"));
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  EXPECT_EQ(files, 2u);
}

TEST(ShufflePart, CutOffAnywhereIsRefused) {
  const TemporaryFolder folder;
  write_shuffle_part(folder / "part.h5", example());
  const std::string whole = read_bytes(folder / "part.h5");
  for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 97) {
    write_text(folder / "cut.h5", whole.substr(0, size));
    EXPECT_THROW(read_shuffle_part(folder / "cut.h5"), Error) << size << " of " << whole.size();
  }
}

TEST(ShufflePart, AFlippedBitIsRefusedOrChangesNothing) {
  const TemporaryFolder folder;
  write_shuffle_part(folder / "part.h5", example());
  const std::string whole = read_bytes(folder / "part.h5");
  size_t refused = 0;
  for (size_t at = 3; at < whole.size(); at += 1 + whole.size() / 211) {
    std::string bytes = whole;
    bytes[at] = char(bytes[at] ^ 0x10);
    write_text(folder / "flipped.h5", bytes);
    try {
      expect_same(read_shuffle_part(folder / "flipped.h5"), example());
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10u);
}

TEST(ShufflePart, ThatCannotBeWrittenLeavesNothing) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "part.h5");  // a name that is already in use
  write_text(folder / "part.h5/file", "x");
  EXPECT_THROW(write_shuffle_part(folder / "part.h5", example()), Error);
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  EXPECT_EQ(files, 1u);
}

}  // namespace
}  // namespace sociometer::testing
