// NIST StRD linear sets through the streaming solver (tests/golden/nist/linear/README.md).
#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

struct NistCase {
  std::string name;
  int degree;  ///< of the polynomial; 0: linear in the columns
  bool constant;
  double tolerance;  ///< relative, of estimates and standard errors
  friend void PrintTo(const NistCase& c, std::ostream* out) { *out << c.name; }
};

Eigen::MatrixXd nist_design(const Eigen::MatrixXd& data, const NistCase& c) {
  if (c.degree > 0) {
    Eigen::MatrixXd x(data.rows(), c.degree + 1);
    for (int k = 0; k <= c.degree; ++k) x.col(k) = data.col(1).array().pow(k).matrix();
    return x;
  }
  Eigen::MatrixXd x(data.rows(), data.cols() - 1 + c.constant);
  if (c.constant) x.col(0).setOnes();
  x.rightCols(data.cols() - 1) = data.rightCols(data.cols() - 1);
  return x;
}

class Nist : public ::testing::TestWithParam<NistCase> {};

TEST_P(Nist, CertifiedValuesAreReproduced) {
  const NistCase& c = GetParam();
  const Eigen::MatrixXd data =
      testing::tsv_values(testing::golden("nist/linear/" + c.name + "_data.tsv"));
  const Eigen::MatrixXd certified =
      testing::tsv_values(testing::golden("nist/linear/" + c.name + "_certified.tsv"));
  const Eigen::MatrixXd x = nist_design(data, c);
  std::vector<Eigen::MatrixXd> units;
  for (Eigen::Index j = 0; j < x.cols(); ++j)
    units.push_back(Eigen::MatrixXd::Identity(x.cols(), x.cols()).row(j));
  const auto fit = testing::fit_series(x, data.col(0), parse_noise_model("ols"), units);
  ASSERT_EQ(fit.design->rank(), x.cols());
  EXPECT_TRUE(testing::close_relative(fit.estimates.betas, certified.col(0), c.tolerance));
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const double error =
        std::sqrt(fit.values[size_t(j)].unit_covariance(0, 0) * fit.estimates.residual_variance[0]);
    EXPECT_TRUE(testing::close_number(error, certified(j, 1), c.tolerance))
        << "standard error " << j;
  }
}

// Condition numbers: longley and pontius are moderate once columns are scaled; wampler about 1e6;
// filip about 1e10, which leaves six digits in double precision. In pontius all but 1e-8 of y's
// variance is explained: a residual variance from running sums loses that many digits (brain data
// never come near). wampler1 fits exactly: its residual is rounding error and is reported as 0.
INSTANTIATE_TEST_SUITE_P(
    Strd, Nist,
    ::testing::Values(NistCase{"longley", 0, true, 1e-8}, NistCase{"pontius", 2, true, 1e-7},
                      NistCase{"noint1", 0, false, 1e-12}, NistCase{"wampler1", 5, true, 1e-8},
                      NistCase{"wampler3", 5, true, 1e-8}, NistCase{"filip", 10, true, 1e-6}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sociometer
