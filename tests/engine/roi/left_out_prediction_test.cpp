#include "engine/roi/left_out_prediction.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "tests/engine/roi/individual_figures.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

TEST(LeftOutPrediction, IsThatOfRefitsInR) {
  const auto r = testing::individual_figures();
  Eigen::MatrixXd nuisance(36, 2);
  nuisance << Eigen::VectorXd::Ones(36), r.column("age");
  const auto found = predict_left_out(r.cells(4), nuisance, r.column("anxiety"), 0, 1);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_TRUE(close_number(found[c].r, r("left_out|age", r.columns[c], "r"), 1e-10, 1e-2));
    EXPECT_TRUE(close_number(found[c].q2, r("left_out|age", r.columns[c], "q2"), 1e-10, 1e-2));
    EXPECT_TRUE(std::isnan(found[c].p_q2));
  }
}

/// Q2 of a score alone, by refitting without each value in turn.
double q2_by_refits(const Eigen::VectorXd& y, const Eigen::VectorXd& x) {
  double error = 0, base = 0;
  const Eigen::Index n = y.size();
  for (Eigen::Index out = 0; out < n; ++out) {
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (Eigen::Index i = 0; i < n; ++i)
      if (i != out) mx += x[i] / double(n - 1), my += y[i] / double(n - 1);
    for (Eigen::Index i = 0; i < n; ++i)
      if (i != out) xx += (x[i] - mx) * (x[i] - mx), xy += (x[i] - mx) * (y[i] - my);
    error += std::pow(y[out] - my - xy / xx * (x[out] - mx), 2);
    base += std::pow(y[out] - my, 2);
  }
  return 1 - error / base;
}

TEST(LeftOutPrediction, CountsTheOrdersOfAllPermutationsThatPredictAsWell) {
  // Five participants have 120 orders: each one is refitted here by hand.
  const Eigen::VectorXd x = (Eigen::VectorXd(5) << 1, 2, 4, 7, 7.5).finished(),
                        y = (Eigen::VectorXd(5) << 0.3, 1.1, 1.2, 3.9, 2.9).finished();
  const double observed = q2_by_refits(y, x);
  std::vector<int> order{0, 1, 2, 3, 4};
  int reach = 0, all = 0;
  do {
    const Eigen::VectorXd shuffled = y(order);
    ++all, reach += q2_by_refits(shuffled, x) >= observed - 1e-12;
  } while (std::next_permutation(order.begin(), order.end()));
  ASSERT_EQ(all, 120);
  const auto found = predict_left_out(y, Eigen::MatrixXd::Ones(5, 1), x, 1000, 3)[0];
  EXPECT_NEAR(found.q2, observed, 1e-12);
  EXPECT_NEAR(found.p_q2, reach / 120.0, 1e-12);
}

TEST(LeftOutPrediction, CountsTheIdentityOnceAndDoesNotDependOnThreads) {
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(30, 0, 1);
  Eigen::MatrixXd y(30, 2);
  const CounterRandom random(5, 0);
  for (Eigen::Index i = 0; i < 30; ++i)
    y(i, 0) = 10 * x[i] + 0.01 * random.normal(uint64_t(i)),
         y(i, 1) = random.normal(100 + uint64_t(i));
  const auto one = predict_left_out(y, Eigen::MatrixXd::Ones(30, 1), x, 199, 7, 1);
  const auto seven = predict_left_out(y, Eigen::MatrixXd::Ones(30, 1), x, 199, 7, 7);
  EXPECT_EQ(one[0].p_q2, 1.0 / 200);
  EXPECT_EQ(one[0].p_r, 1.0 / 200);
  for (size_t c = 0; c < 2; ++c) {
    EXPECT_EQ(one[c].p_q2, seven[c].p_q2);
    EXPECT_EQ(one[c].q2, seven[c].q2);
  }
}

TEST(LeftOutPrediction, HasNoNumbersWhereAValueDecidesItsOwnPrediction) {
  Eigen::VectorXd x = Eigen::VectorXd::Zero(8);
  x[3] = 1;  // without this participant the score is constant
  const Eigen::VectorXd y = Eigen::VectorXd::LinSpaced(8, 0, 1);
  EXPECT_TRUE(std::isnan(predict_left_out(y, Eigen::MatrixXd::Ones(8, 1), x, 20, 1)[0].q2));
}

}  // namespace
}  // namespace sociometer
