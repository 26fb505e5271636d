#include "engine/design/drift.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

TEST(CosineDrift, EqualsTheBasisOfSpmsHighPassFilter) {
  const Eigen::MatrixXd spm =
      testing::number_table(testing::golden("spm/first_level/A_canon_orth1_ar1/K_X0_sess1.tsv"));
  EXPECT_TRUE(testing::close_by_column(cosine_drift(120, 2, 1.0 / 128), spm,
                                       1e-10));  // written with 12 digits
}

TEST(CosineDrift, IsOrthonormalAndOrthogonalToTheConstant) {
  const Eigen::MatrixXd drift = cosine_drift(97, 1.5, 0.02);
  EXPECT_EQ(drift.cols(), 5);  // floor(2 * 97 * 0.02 * 1.5)
  EXPECT_TRUE(testing::close_relative(drift.transpose() * drift, Eigen::MatrixXd::Identity(5, 5),
                                      1e-13, 1));
  EXPECT_LT(drift.colwise().sum().cwiseAbs().maxCoeff(), 1e-12);
}

TEST(CosineDrift, RefusesACutoffBeyondNyquist) { EXPECT_THROW(cosine_drift(100, 2, 0.25), Error); }

TEST(PolynomialDrift, IsOrthogonalToLowerOrders) {
  const Eigen::VectorXd times = Eigen::VectorXd::LinSpaced(80, 0, 158);
  const Eigen::MatrixXd drift = polynomial_drift(times, 3);
  ASSERT_EQ(drift.cols(), 3);
  const Eigen::MatrixXd product = drift.transpose() * drift;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < i; ++j) EXPECT_LT(std::abs(product(i, j)), 1e-12 * product(i, i) + 1e-12);
}

}  // namespace
}  // namespace sociometer
