#include "engine/stats/quantiles.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

// R: quantile(c(7, 1, 3, 10), c(.05, .5, .95)) gives 1.30, 5.00, 9.55.
TEST(SpreadOfValues, IsThatOfR) {
  Eigen::VectorXd values(6);
  values << 7, std::numeric_limits<double>::quiet_NaN(), 1, 3,
      std::numeric_limits<double>::infinity(), 10;
  const SpreadOfValues spread = spread_of(values);
  EXPECT_EQ(spread.n, 4);
  EXPECT_DOUBLE_EQ(spread.p5, 1.3);
  EXPECT_DOUBLE_EQ(spread.median, 5);
  EXPECT_DOUBLE_EQ(spread.p95, 9.55);
}

TEST(SpreadOfValues, IsNoneWithoutValues) {
  EXPECT_TRUE(std::isnan(spread_of(Eigen::VectorXd()).median));
  EXPECT_EQ(spread_of(Eigen::VectorXd::Constant(3, 2.5)).p95, 2.5);
}

TEST(SpreadOfPositive, LeavesOutTheRest) {
  Eigen::VectorXf values(6);
  values << 0, -2, 1, 3, 2, std::numeric_limits<float>::quiet_NaN();
  const SpreadOfValues spread = spread_of_positive(values);
  EXPECT_EQ(spread.n, 3);
  EXPECT_DOUBLE_EQ(spread.median, 2);
  EXPECT_DOUBLE_EQ(spread.p95, 2.9);
}

TEST(MedianOf, IsTheMiddleOrTheMeanOfTwo) {
  std::vector<double> odd{9, 1, 4}, even{9, 1, 4, 5}, none;
  EXPECT_EQ(median_of(odd), 4);
  EXPECT_EQ(median_of(even), 4.5);
  EXPECT_TRUE(std::isnan(median_of(none)));
}

}  // namespace
}  // namespace sociometer
