#include "engine/roi/collinearity.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

TEST(StrongestCorrelation, IsTheLargestInAbsoluteSizeThatIsKnown) {
  Collinearity c;
  c.contrasts.resize(4);
  c.correlation.resize(4, 4);
  c.correlation << 1, 0.3, -0.6, kNaN,  //
      0.3, 1, 0.3, kNaN,                //
      -0.6, 0.3, 1, kNaN,               //
      kNaN, kNaN, kNaN, kNaN;
  ASSERT_TRUE(strongest_correlation(c, 0));
  EXPECT_EQ(strongest_correlation(c, 0)->other, 2u);
  EXPECT_EQ(strongest_correlation(c, 0)->r, -0.6);
  EXPECT_EQ(strongest_correlation(c, 1)->other, 0u) << "the first of equal ones";
  EXPECT_FALSE(strongest_correlation(c, 3));
}

TEST(Collinearity, IgnoresContrastsOfTheSameRegressor) {
  RunColumns run;
  run.design.resize(6, 3);
  run.design << 1, 0, 1,  //
      0, 1, 1,            //
      1, 1, 1,            //
      0, 0, 1,            //
      1, 1, 1,            //
      1, 1, 1;
  run.contrasts = {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, 1, 0), Eigen::Vector3d(1, -1, 0)};
  const Collinearity c = collinearity({run});
  // Both have mean 4/6 and sum of squares 4/3; 3 common ones less 6 times 4/6 squared is 1/3.
  EXPECT_NEAR(c.correlation(0, 1), (1. / 3) / (4. / 3), 1e-12);
  EXPECT_NEAR(c.correlation(2, 2), 1, 1e-12);
  EXPECT_TRUE(std::isnan(c.correlation(0, 2)));
  EXPECT_TRUE(std::isnan(c.correlation(2, 1)));
  ASSERT_TRUE(strongest_correlation(c, 0));
  EXPECT_EQ(strongest_correlation(c, 0)->other, 1u);
  EXPECT_FALSE(strongest_correlation(c, 2));
}

}  // namespace
}  // namespace sociometer
