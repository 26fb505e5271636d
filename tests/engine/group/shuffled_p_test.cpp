#include "engine/group/shuffled_p.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

ObservedMap map_of(const std::vector<double>& values, bool zero_is_none) {
  return {[&values](size_t v) { return values[v]; }, std::identity{}, std::identity{},
          zero_is_none};
}

TEST(ShuffledP, CountsWhatReachesTheObservedValue) {
  const std::vector<uint8_t> valid{1, 1, 0, 1};
  const ShuffledP read{valid};
  const std::vector<double> shares = read.shares({1, 5, 7, 10}, 10);
  EXPECT_EQ(shares[0], 0.1);
  EXPECT_EQ(shares[3], 1);
  EXPECT_TRUE(std::isnan(shares[2]));

  const std::vector<double> observed{4, 2.5, 9, 0};
  NullTail tail;
  const std::vector<double> p = read.family_wise({3, 1, 4, 2}, map_of(observed, false), tail);
  EXPECT_EQ(p[0], 0.25);
  EXPECT_EQ(p[1], 0.5);
  EXPECT_TRUE(std::isnan(p[2]));
  EXPECT_EQ(p[3], 1);
  EXPECT_FALSE(tail.fitted());
  EXPECT_TRUE(read.family_wise({}, map_of(observed, false), tail).empty());
}

TEST(ShuffledP, ReadsNoTailWhereAVoxelIsInNoCluster) {
  std::vector<double> largest;
  for (int k = 0; k < 1000; ++k) largest.push_back(-std::log((k + 0.5) / 1000));
  const std::vector<uint8_t> valid{1, 1};
  const ShuffledP read{valid, TailMethod::gamma, 0.1};
  const std::vector<double> observed{12, 0};
  NullTail tail;
  const std::vector<double> p = read.family_wise(largest, map_of(observed, true), tail);
  ASSERT_TRUE(tail.fitted());
  EXPECT_GT(p[0], 0) << "no shuffle reaches it, the tail does";
  EXPECT_LT(p[0], 0.001);
  EXPECT_EQ(p[1], 1);
  EXPECT_LT(read.family_wise(largest, map_of(observed, false), tail)[0], 0.001);
}

}  // namespace
}  // namespace sociometer
