#include "engine/core/large_buffer.hpp"

#include <cstdint>

#include <gtest/gtest.h>
#include <unistd.h>

namespace sociometer {
namespace {

TEST(LargeBuffer, GivesBackWholePagesInsideARangeOnly) {
  const auto page = size_t(::sysconf(_SC_PAGESIZE));
  LargeBuffer<uint8_t> buffer(8 * page);
  for (size_t i = 0; i < buffer.size(); ++i) buffer[i] = 7;
  const size_t first = page + page / 2, last = 5 * page + 3;
  give_back({buffer.data() + first, last - first});
  // Pages 2, 3 and 4 are new, and new memory is 0.
  for (size_t i = 0; i < buffer.size(); ++i)
    ASSERT_EQ(buffer[i], i >= 2 * page && i < 5 * page ? 0 : 7) << i;
  give_back({buffer.data() + 1, 10});
  EXPECT_EQ(buffer[5], 7);
}

}  // namespace
}  // namespace sociometer
