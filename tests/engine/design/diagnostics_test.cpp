#include "engine/design/diagnostics.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/design/estimability.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

/// Two columns with correlation exactly r, and a constant.
Eigen::MatrixXd two_columns(double r) {
  Eigen::MatrixXd x(4, 3);
  const Eigen::Vector4d u(1, -1, 1, -1), v(1, 1, -1, -1);
  x << u * 3, (r * u + std::sqrt(1 - r * r) * v) * 0.01 + Eigen::Vector4d::Constant(5),
      Eigen::Vector4d::Ones();
  return x;
}

TEST(Diagnostics, VifOfTwoColumnsFollowsFromTheirCorrelation) {
  const DesignDiagnostics d = diagnose(two_columns(0.6));
  EXPECT_TRUE(testing::close_number(d.correlation(0, 1), 0.6, 1e-12));
  EXPECT_TRUE(testing::close_number(d.vif[0], 1 / (1 - 0.36), 1e-10));
  EXPECT_TRUE(testing::close_number(d.vif[1], 1 / (1 - 0.36), 1e-10));
  EXPECT_TRUE(std::isnan(d.vif[2]));
  EXPECT_EQ(d.rank, 3);
}

TEST(Diagnostics, VifIsInfiniteWhereOthersExplainTheColumn) {
  Eigen::MatrixXd x(4, 4);
  x << two_columns(0.2), two_columns(0.2).col(0) * -2;
  const DesignDiagnostics d = diagnose(x);
  EXPECT_TRUE(std::isinf(d.vif[0]) && std::isinf(d.vif[3]));
  EXPECT_TRUE(testing::close_number(d.vif[1], 1 / (1 - 0.04), 1e-10));
  EXPECT_EQ(d.rank, 3);
}

TEST(Efficiency, IsTheInverseOfTheContrastVariance) {
  const Eigen::MatrixXd x = two_columns(0.6);
  const Eigen::RowVector3d c(1, -2, 0);
  const double variance = (c * (x.transpose() * x).inverse() * c.transpose())(0, 0);
  EXPECT_TRUE(testing::close_number(contrast_efficiency(x, c), 1 / variance, 1e-9));
}

TEST(EstimableSpace, KnowsWhatADuplicateColumnLeavesEstimable) {
  Eigen::MatrixXd x(4, 4);
  x << two_columns(0.2), two_columns(0.2).col(0);
  const EstimableSpace space(x);
  EXPECT_FALSE(space.is_estimable(Eigen::Vector4d(1, 0, 0, 0)));
  EXPECT_FALSE(space.is_estimable(Eigen::Vector4d(1, 0, 0, -1)));
  EXPECT_TRUE(space.is_estimable(Eigen::Vector4d(1, 0, 0, 1)));
  EXPECT_TRUE(space.is_estimable(Eigen::Vector4d(0, 1, 0, 0)));
  EXPECT_EQ(contrast_efficiency(x, Eigen::RowVector4d(1, 0, 0, 0)), 0.0);
}

TEST(EstimableSpace, DoesNotDependOnUnits) {
  Eigen::MatrixXd x = two_columns(0.3);
  x.col(0) *= 1e12;
  x.col(1) *= 1e-12;
  EXPECT_EQ(EstimableSpace(x).rank(), 3);
}

}  // namespace
}  // namespace sociometer
