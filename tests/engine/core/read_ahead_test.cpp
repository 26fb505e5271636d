#include "engine/core/read_ahead.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

/// Fills blocks with 1 .. n, then ends or, if requested, throws.
struct Counting {
  int n = 0, next = 1;
  bool fails = false;
  bool operator()(int& block) {
    if (next > n && fails) throw std::runtime_error("no more");
    if (next > n) return false;
    block = next++;
    return true;
  }
};

TEST(ReadAhead, GivesAllBlocksInOrder) {
  for (const size_t n_blocks : {1u, 2u, 3u, 8u})
    for (size_t at_once = 1; at_once <= n_blocks; ++at_once)
      for (const int n : {0, 1, 2, 7, 100}) {
        ReadAhead<int> ahead(Counting{n}, std::vector<int>(n_blocks), at_once);
        for (int i = 1; i <= n; ++i) {
          const int* block = ahead.next();
          ASSERT_NE(block, nullptr);
          ASSERT_EQ(*block, i) << n_blocks << " blocks, " << at_once << " at once";
        }
        EXPECT_EQ(ahead.next(), nullptr);
        EXPECT_EQ(ahead.next(), nullptr);
        EXPECT_TRUE(ahead.reader_waits_or_is_done());
      }
}

TEST(ReadAhead, ThrowsWhatFillingThrewAfterTheBlocksBefore) {
  ReadAhead<int> ahead(Counting{3, 1, true}, std::vector<int>(8), 4);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(*ahead.next(), i);
  EXPECT_THROW(ahead.next(), std::runtime_error);
  EXPECT_THROW(ahead.next(), std::runtime_error);
}

TEST(ReadAhead, LeavesABlockAloneWhileItIsWithTheCaller) {
  ReadAhead<int> ahead(Counting{50}, std::vector<int>(3));
  const int* block = ahead.next();
  while (!ahead.reader_waits_or_is_done())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(*block, 1);
  EXPECT_EQ(*ahead.next(), 2);
}

TEST(ReadAhead, RefusesToWaitForMoreThanThereIs) {
  EXPECT_THROW(ReadAhead<int>(Counting{1}, std::vector<int>(2), 3), std::logic_error);
  EXPECT_THROW(ReadAhead<int>(Counting{1}, std::vector<int>(), 1), std::logic_error);
}

TEST(ReadAhead, EndsWithBlocksLeft) {
  for (int given = 0; given < 5; ++given) {
    ReadAhead<int> ahead(Counting{1000}, std::vector<int>(4), 2);
    for (int i = 0; i < given; ++i) ahead.next();
  }  // the destructor returns
  SUCCEED();
}

}  // namespace
}  // namespace sociometer
