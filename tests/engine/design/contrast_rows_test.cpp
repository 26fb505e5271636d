#include "engine/design/contrast_rows.hpp"

#include <gtest/gtest.h>

#include "engine/design/centred_columns.hpp"

namespace sociometer {
namespace {

TEST(ContrastRows, DifferenceIsKnownUpToAFactor) {
  const WeightRows a{{1, 0, 0}}, b{{0, 0.5, 0}};
  EXPECT_TRUE(is_difference({{1, -0.5, 0}}, a, b));
  EXPECT_TRUE(is_difference({{-4, 2, 0}}, a, b));
  EXPECT_TRUE(is_difference({{1, -0.5 + 1e-12, 0}}, a, b));
  EXPECT_FALSE(is_difference({{1, -0.5, 1e-6}}, a, b));
  EXPECT_FALSE(is_difference({{1, -1, 0}}, a, b));
}

TEST(ContrastRows, DifferenceHasOneRowOnTheSameColumnsAndIsNotZero) {
  const WeightRows a{{1, 0}}, b{{0, 1}};
  EXPECT_FALSE(is_difference({{0, 0}}, a, b));
  EXPECT_FALSE(is_difference({{0, 0}}, a, a)) << "equal contrasts";
  EXPECT_FALSE(is_difference({{1, -1, 0}}, a, b));
  EXPECT_FALSE(is_difference({{1, -1}, {1, -1}}, a, b)) << "an F contrast";
}

TEST(ContrastRows, WeightedColumnsAreThoseOfAnyRow) {
  Eigen::MatrixXd weights(2, 4);
  weights << 0, 1, 0, 0, 0, -1, 0, 1e-300;
  EXPECT_EQ(weighted_columns(weights), (std::vector<Eigen::Index>{1, 3}));
  EXPECT_TRUE(weighted_columns(Eigen::MatrixXd(0, 3)).empty());
}

TEST(CentreOverKept, TakesTheMeanOfRetainedScansFromAll) {
  Eigen::MatrixXd columns(4, 2), expected(4, 2);
  columns << 1, 10, 100, 20, 3, 30, 5, 50;
  expected << -2, -20, 97, -10, 0, 0, 2, 20;
  centre_over_kept(columns, {1, 0, 1, 1});
  EXPECT_EQ(columns, expected);
  centre_over_kept(columns, {0, 0, 0, 0});
  EXPECT_EQ(columns, expected) << "no scan is retained";
}

}  // namespace
}  // namespace sociometer
