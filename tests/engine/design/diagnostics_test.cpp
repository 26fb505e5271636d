#include "engine/design/diagnostics.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/design/estimability.hpp"
#include "engine/design/subspace.hpp"
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

TEST(SpansConstant, ToTheDigitsOfATable) {
  Eigen::MatrixXd halves(6, 3);
  halves << 1, 0, .3, 1, 0, .1, 1, 0, -.4, 0, 1, .2, 0, 1, .5, 0, 1, -.7;
  EXPECT_TRUE(spans_constant(halves));
  EXPECT_FALSE(spans_constant(halves.rightCols(2)));
  EXPECT_FALSE(spans_constant(Eigen::MatrixXd(6, 0)));
  // Also without full rank. The seventh digit is rounding, the fourth is not.
  Eigen::MatrixXd twice(6, 4);
  twice << halves, halves.col(0);
  EXPECT_TRUE(spans_constant(twice));
  twice(0, 0) = twice(0, 3) = 1 + 1e-7;
  EXPECT_TRUE(spans_constant(twice));
  twice(0, 0) = twice(0, 3) = 1 + 1e-4;
  EXPECT_FALSE(spans_constant(twice));
}

/// A task column that is `r` of a confound, sqrt(1 - r^2 - s^2) of its own, and `s` of drift; all
/// are orthogonal and of length 1 about their means.
TEST(NuisanceShares, AreTheSquaresOfCorrelationsWithOrthogonalColumns) {
  Eigen::MatrixXd x(8, 5);
  Eigen::VectorXd drift(8), motion(8), own(8), other(8);
  drift << 1, 1, 1, 1, -1, -1, -1, -1;
  motion << 1, 1, -1, -1, 1, 1, -1, -1;
  own << 1, -1, 1, -1, 1, -1, 1, -1;
  other << 1, -1, -1, 1, 1, -1, -1, 1;
  const double r = -0.6, s = 0.3;
  x << r * motion + s * drift + std::sqrt(1 - r * r - s * s) * own, 7 * drift, 3 * motion,
      2 * other, Eigen::VectorXd::Ones(8);
  const std::vector<ColumnRole> roles{ColumnRole::task, ColumnRole::drift, ColumnRole::confound,
                                      ColumnRole::confound, ColumnRole::constant};
  const auto shares = nuisance_shares(x, roles, diagnose(x));
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares[0].column, 0);
  EXPECT_NEAR(shares[0].by_drift, s * s, 1e-12);
  EXPECT_NEAR(shares[0].by_nuisance, s * s + r * r, 1e-12);
  EXPECT_EQ(shares[0].closest, 2);
  EXPECT_NEAR(shares[0].correlation, r, 1e-12);
}

TEST(NuisanceShares, AreOneForAColumnThatConfoundsRepeat) {
  Eigen::MatrixXd x(4, 3);
  x << 1, 2, 1, -1, -2, 1, 2, 4, 1, 0, 0, 1;
  const auto shares = nuisance_shares(
      x, {ColumnRole::task, ColumnRole::confound, ColumnRole::constant}, diagnose(x));
  ASSERT_EQ(shares.size(), 1u);
  EXPECT_EQ(shares[0].by_drift, 0);
  EXPECT_EQ(shares[0].by_nuisance, 1);
  EXPECT_NEAR(shares[0].correlation, 1, 1e-12);
}

TEST(NuisanceShares, AreNoneWithoutNuisance) {
  const Eigen::MatrixXd x = two_columns(0.5);
  EXPECT_TRUE(
      nuisance_shares(x, {ColumnRole::task, ColumnRole::task, ColumnRole::constant}, diagnose(x))
          .empty());
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
