#include "engine/stats/distributions.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

// Boost is accurate to a few units in the last place; the continued fraction and the logarithm of
// B(a, b) at 1e5 dof cost two to three more digits.
constexpr double kTolerance = 1e-12;

TEST(StudentT, TailsAndZEqualSixtyDigitArithmetic) {
  const Eigen::MatrixXd cases = testing::tsv_values(testing::golden("mpmath/distributions/t.tsv"));
  ASSERT_GT(cases.rows(), 100);
  for (Eigen::Index i = 0; i < cases.rows(); ++i) {
    const double t = cases(i, 0), dof = cases(i, 1);
    EXPECT_TRUE(close_number(log_sf_t(t, dof), cases(i, 2), kTolerance))
        << "t " << t << " dof " << dof;
    EXPECT_TRUE(close_number(z_from_t(t, dof), cases(i, 3), kTolerance))
        << "t " << t << " dof " << dof;
    EXPECT_EQ(z_from_t(-t, dof), -z_from_t(t, dof));
  }
}

TEST(FDistribution, TailsAndZEqualSixtyDigitArithmetic) {
  const Eigen::MatrixXd cases = testing::tsv_values(testing::golden("mpmath/distributions/f.tsv"));
  ASSERT_GT(cases.rows(), 100);
  for (Eigen::Index i = 0; i < cases.rows(); ++i) {
    const double f = cases(i, 0), dof1 = cases(i, 1), dof2 = cases(i, 2);
    // Near log p = 0 the accuracy is that of 1 - p.
    EXPECT_TRUE(close_number(log_sf_f(f, dof1, dof2), cases(i, 3), kTolerance, 1e-3))
        << f << " " << dof1 << " " << dof2;
    EXPECT_TRUE(close_number(log_cdf_f(f, dof1, dof2), cases(i, 4), kTolerance, 1e-3))
        << f << " " << dof1 << " " << dof2;
    EXPECT_TRUE(close_number(z_from_f(f, dof1, dof2), cases(i, 5), kTolerance, 1))
        << f << " " << dof1 << " " << dof2;
  }
}

TEST(FDistribution, OfManyRowsEqualsItsFiniteSum) {
  // Even dof1: I_x(a, m) is a sum of m terms; 80 digits.
  EXPECT_NEAR(log_sf_f(9, 60, 300), -90.365797833824138, 1e-11);
  EXPECT_NEAR(log_sf_f(100, 20, 1e4), -863.86268387253874, 1e-9);
  EXPECT_NEAR(log_sf_f(30, 400, 2000), -1441.1481223446541, 1e-9);
  EXPECT_NEAR(log_sf_f(50, 200, 1e4), -3049.2860651159395, 3e-9);
}

TEST(StudentT, PassesNaNAndEndsAtInfinity) {
  EXPECT_TRUE(std::isnan(z_from_t(NAN, 10)));
  EXPECT_TRUE(std::isnan(z_from_f(NAN, 2, 10)));
  EXPECT_EQ(z_from_t(INFINITY, 10), INFINITY);
  EXPECT_EQ(z_from_t(-INFINITY, 10), -INFINITY);
  EXPECT_EQ(z_from_t(0, 10), 0);
  EXPECT_EQ(z_from_f(0, 2, 10), -INFINITY);
}

TEST(StudentT, PIsOneSided) {
  EXPECT_TRUE(close_number(p_from_t(0, 7), 0.5, 1e-15));
  EXPECT_TRUE(close_number(p_from_t(1.5, 7) + p_from_t(-1.5, 7), 1, 1e-15));
  EXPECT_TRUE(close_number(p_from_t(1, 1), 0.25, 1e-14));  // Cauchy
  EXPECT_TRUE(
      close_number(p_from_f(9, 1, 12), 2 * p_from_t(3, 12), 1e-13));  // F of one row is t squared
}

TEST(StudentT, ZGrowsWithTWithoutASeam) {
  // The methods for z must agree where they meet: at |t| = 1 and where p falls below 1e-280.
  double last = z_from_t(0, 150);
  for (double t = 0.001; t < 90; t += 0.001) {
    const double z = z_from_t(t, 150);
    ASSERT_GT(z, last) << "t " << t;
    last = z;
  }
}

TEST(Normal, LogTailInvertsZ) {
  for (double z : {-5.0, 0.5, 3.0, 10.0, 29.999, 30.001, 38.0, 100.0, 1e4})
    EXPECT_TRUE(close_number(z_from_log_sf(log_sf_normal(z)), z, z < 0 ? 1e-9 : 1e-13)) << z;
}

}  // namespace
}  // namespace sociometer
