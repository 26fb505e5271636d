#include "io/stores/scratch_values.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(ScratchValues, GiveBlocksOfVoxelsOfWhatCameByParticipants) {
  const TemporaryFolder folder;
  const Eigen::MatrixXd values = Eigen::MatrixXd::Random(13, 9001);
  ScratchValues scratch(folder.path().string(), 13, 9001);
  scratch.put(0, values.topRows(5), 2);
  scratch.put(12, values.bottomRows(1), 1);
  scratch.put(5, values.middleRows(5, 7), 3);
  Eigen::MatrixXd space;
  for (const auto& [first, n] : {std::pair{0, 9001}, {0, 1}, {9000, 1}, {4095, 4098}, {77, 0}})
    EXPECT_TRUE(same_bits(scratch.block(first, n, space), values.middleCols(first, n)))
        << first << ", " << n;
  // Nothing is left behind, whenever the process ends.
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ScratchValues, ThatHaveNoRoomAreRefused) {
  const TemporaryFolder folder;
  EXPECT_THROW(ScratchValues(folder / "none", 10, 10), Error);
  EXPECT_THROW(ScratchValues(folder.path().string(), 1 << 24, 1 << 24), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace sociometer::testing
