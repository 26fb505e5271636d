#include "engine/core/carpet.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace sociometer::testing {
namespace {

/// Residuals of a regression on a constant and time, over sqrt(sum of squares / (n - 2)).
Eigen::VectorXd standardised(const Eigen::VectorXd& y) {
  Eigen::MatrixXd x(y.size(), 2);
  x.col(0).setOnes();
  x.col(1) = Eigen::VectorXd::LinSpaced(y.size(), 0, double(y.size() - 1));
  const Eigen::VectorXd rest = y - x * (x.transpose() * x).inverse() * (x.transpose() * y);
  return rest / std::sqrt(rest.squaredNorm() / double(y.size() - 2));
}

TEST(CarpetRows, StandardisesEachVoxelWithoutItsTrend) {
  Eigen::MatrixXf series(4, 2);
  series.col(0) << 1, -1, -1, 1;  // without mean and trend
  series.col(1) << 100 + 1, 120 - 1, 140 - 1, 160 + 1;
  const std::vector<Eigen::Index> order{1, 0};
  const Eigen::MatrixXf rows = carpet_rows(series, order, 2);
  ASSERT_EQ(rows.rows(), 2);
  ASSERT_EQ(rows.cols(), 4);
  for (int t = 0; t < 4; ++t) {
    EXPECT_NEAR(rows(0, t), double(series(t, 0)) / std::sqrt(2), 1e-5) << t;
    EXPECT_NEAR(rows(1, t), double(series(t, 0)) / std::sqrt(2), 1e-6) << t;
  }
}

TEST(CarpetRows, AddsNeighboursInTheOrder) {
  Eigen::MatrixXf series(5, 4);
  series << 1, 9, 0, 5,  //
      2, 7, 1, 6,        //
      4, 8, 0, 7,        //
      3, 3, 2, 8,        //
      7, 2, 1, 9;
  const std::vector<Eigen::Index> order{0, 2, 1, 3};  // 3 is a line
  const Eigen::MatrixXf rows = carpet_rows(series, order, 1);
  ASSERT_EQ(rows.rows(), 1);
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(5);
  for (int v = 0; v < 3; ++v) sum += standardised(series.col(v).cast<double>());
  sum = standardised(sum);
  for (int t = 0; t < 5; ++t) EXPECT_NEAR(rows(0, t), sum[t], 1e-5) << t;
}

TEST(CarpetRows, LeavesOutConstantAndMissingVoxels) {
  Eigen::MatrixXf series = Eigen::MatrixXf::Constant(5, 3, 1000.1F);
  series(2, 1) = std::numeric_limits<float>::quiet_NaN();
  series(3, 2) = 1001;
  const std::vector<Eigen::Index> order{0, 1, 2};
  EXPECT_EQ(carpet_rows(series, order, 10).rows(), 1);
  EXPECT_EQ(carpet_rows(series, std::vector<Eigen::Index>{0, 1}, 10).rows(), 0);
}

TEST(ByMean, DescendsAndLeavesOutMissingMeans) {
  const std::vector<double> means{3, std::nan(""), 7, 3, -1};
  EXPECT_EQ(by_mean(means), (std::vector<Eigen::Index>{2, 0, 3, 4}));
}

TEST(ByMean, OfSeriesTakesTheirMeansOverScans) {
  Eigen::MatrixXf series(2, 3);
  series << 1, 5, 2,  //
      3, 4, 3;
  EXPECT_EQ(by_mean(series), (std::vector<Eigen::Index>{1, 2, 0}));
}

}  // namespace
}  // namespace sociometer::testing
