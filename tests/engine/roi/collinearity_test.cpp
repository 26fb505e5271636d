#include "engine/roi/collinearity.hpp"

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

}  // namespace
}  // namespace sociometer
