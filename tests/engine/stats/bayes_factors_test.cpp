#include "engine/stats/bayes_factors.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

TEST(BayesFactors, OneAndTwoSamplesEqualRsBayesFactor) {
  const Eigen::MatrixXd cases = testing::tsv_values(testing::golden("r/bayesfactor/t.tsv"));
  ASSERT_GT(cases.rows(), 150);
  for (Eigen::Index i = 0; i < cases.rows(); ++i) {
    const double t = cases(i, 0), n1 = cases(i, 1), n2 = cases(i, 2), scale = cases(i, 3);
    const double ours = n2 > 0 ? log_bayes_factor_two_sample(t, n1, n2, scale)
                               : log_bayes_factor_one_sample(t, n1, scale);
    EXPECT_TRUE(close_number(ours, cases(i, 4), 1e-6, 1))
        << "t " << t << " n " << n1 << " " << n2 << " scale " << scale;
  }
}

TEST(BayesFactors, LargeStatisticsEqualFortyDigitArithmetic) {
  const Eigen::MatrixXd cases = testing::tsv_values(testing::golden("r/bayesfactor/large.tsv"));
  ASSERT_EQ(cases.rows(), 40);
  for (Eigen::Index i = 0; i < cases.rows(); ++i)
    EXPECT_TRUE(close_number(log_bayes_factor_one_sample(cases(i, 0), cases(i, 1), cases(i, 2)),
                             cases(i, 3), 1e-11, 1))
        << "t " << cases(i, 0) << " n " << cases(i, 1) << " scale " << cases(i, 2);
}

TEST(BayesFactors, RegressionEqualsRsBayesFactor) {
  const Eigen::MatrixXd cases =
      testing::tsv_values(testing::golden("r/bayesfactor/regression.tsv"));
  ASSERT_GT(cases.rows(), 50);
  for (Eigen::Index i = 0; i < cases.rows(); ++i)
    EXPECT_TRUE(close_number(
        log_bayes_factor_regression(cases(i, 0), cases(i, 1), cases(i, 2), cases(i, 3)),
        cases(i, 4), 1e-6, 1))
        << "R2 " << cases(i, 0) << " n " << cases(i, 1) << " slopes " << cases(i, 2);
}

/// The marginal likelihood by brute force: Simpson's rule over the effect size itself, with an
/// explicit Cauchy prior; t given an effect d is noncentral, integrated over sigma by hand.
TEST(BayesFactors, EqualTheDirectIntegralOverTheEffect) {
  const double t = 2.4, n = 12, dof = n - 1, r = 0.7;
  // p(t | d) / p(t | 0), integrated over s: x^dof exp(-(x^2 + ..)/2) up to a common factor.
  const auto likelihood = [&](double noncentrality) {
    double sum = 0;
    const int steps = 4000;
    const double width = 12.0 / steps;
    for (int i = 1; i < steps; ++i) {
      const double x = i * width, shift = t * x / std::sqrt(dof) - noncentrality;
      sum += std::pow(x, dof) * std::exp(-(x * x + shift * shift) / 2) * width;
    }
    return sum;
  };
  double marginal = 0;
  const int steps = 2000;  // d = r tan(angle) makes the Cauchy prior uniform
  for (int i = 0; i < steps; ++i) {
    const double angle = M_PI * ((i + 0.5) / steps - 0.5);
    marginal += likelihood(r * std::tan(angle) * std::sqrt(n)) / steps;
  }
  EXPECT_TRUE(
      close_number(log_bayes_factor_one_sample(t, n, r), std::log(marginal / likelihood(0)), 1e-6));
}

TEST(BayesFactors, GrowWithEvidenceAndKeepRangeWhereFactorsOverflow) {
  double last = -INFINITY;
  for (const double t : {0.0, 1.0, 5.0, 50.0, 1e3, 1e5}) {
    const double log_bf = log_bayes_factor_one_sample(t, 1000);
    EXPECT_TRUE(std::isfinite(log_bf)) << t;
    EXPECT_GT(log_bf, last);
    EXPECT_EQ(log_bf, log_bayes_factor_one_sample(-t, 1000));
    last = log_bf;
  }
  EXPECT_GT(last, 3000);  // its exp overflows a double
  EXPECT_LT(log_bayes_factor_one_sample(0, 1000), -2);
  EXPECT_TRUE(std::isnan(log_bayes_factor_one_sample(NAN, 10)));
  EXPECT_EQ(log_bayes_factor_one_sample(INFINITY, 10), INFINITY);
}

}  // namespace
}  // namespace sociometer
