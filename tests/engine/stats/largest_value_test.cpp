#include "engine/stats/largest_value.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

TEST(LargestValue, IsTheFirstOnItsSide) {
  Eigen::VectorXd values(5);
  values << std::numeric_limits<double>::quiet_NaN(), 1, -4, 3, 3;
  EXPECT_EQ(largest_on(ValueSide::upper, values), 3);
  EXPECT_EQ(largest_on(ValueSide::both, values), 2);
  EXPECT_EQ(largest_on(ValueSide::lower, values), 2);
  EXPECT_EQ(height_on(ValueSide::both, -4), 4);
  EXPECT_EQ(height_on(ValueSide::lower, 3), -3);
  EXPECT_EQ(height_on(ValueSide::upper, -4), -4);
}

/// No finite value may be called the largest beside an infinite one.
TEST(LargestValue, MayBeInfinite) {
  Eigen::VectorXd values(3);
  values << 5, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity();
  EXPECT_EQ(largest_on(ValueSide::upper, values), 1);
  EXPECT_EQ(largest_on(ValueSide::lower, values), 2);
}

TEST(LargestValue, IsNoneWithoutValues) {
  EXPECT_EQ(largest_on(ValueSide::upper, Eigen::VectorXd()), -1);
  EXPECT_EQ(largest_on(ValueSide::both,
                       Eigen::VectorXd::Constant(2, std::numeric_limits<double>::quiet_NaN())),
            -1);
}

}  // namespace
}  // namespace sociometer
