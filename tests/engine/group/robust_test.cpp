#include "engine/group/robust.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using testing::close_by_column;

Eigen::MatrixXd golden_table(const char* name) {
  return testing::tsv_values(testing::golden(std::string("r/robust/") + name));
}

std::vector<Eigen::MatrixXd> each_column(Index p) {
  std::vector<Eigen::MatrixXd> out;
  for (Index j = 0; j < p; ++j) out.push_back(Eigen::MatrixXd::Identity(p, p).row(j));
  return out;
}

TEST(Robust, EqualsRsRlm) {
  const Eigen::MatrixXd y = golden_table("y.tsv"), design = golden_table("design.tsv"),
                        rlm = golden_table("rlm.tsv");
  const RobustMaps maps = fit_robust(y, design, each_column(2));
  for (int j = 0; j < 2; ++j) {
    const GroupMaps& c = maps.contrasts[size_t(j)];
    EXPECT_TRUE(close_by_column(c.effect.row(0).transpose(), rlm.col(3 * j), 1e-8));
    EXPECT_TRUE(
        close_by_column(c.variance.row(0).cwiseSqrt().transpose(), rlm.col(3 * j + 1), 1e-8));
    EXPECT_TRUE(close_by_column(c.statistic, rlm.col(3 * j + 2), 1e-8));
  }
  EXPECT_TRUE(close_by_column(maps.scale, rlm.col(6), 1e-8));
  EXPECT_TRUE(close_by_column(maps.least_weight, rlm.col(7), 1e-8));
  EXPECT_EQ(maps.dof[0], 15);
}

TEST(Robust, WithoutOutliersIsLeastSquares) {
  const Eigen::MatrixXd y = golden_table("y.tsv"), design = golden_table("design.tsv");
  RobustOptions options;
  options.tuning = 1e6;  // nothing is an outlier
  const RobustMaps maps = fit_robust(y, design, {Eigen::MatrixXd::Identity(2, 2)}, options);
  for (Index v = 0; v < y.cols(); ++v) {
    const Eigen::VectorXd b = design.colPivHouseholderQr().solve(y.col(v));
    const double s2 = (y.col(v) - design * b).squaredNorm() / 15;
    const double f = (design * b).squaredNorm() / 2 / s2;
    EXPECT_TRUE(testing::close_number(maps.contrasts[0].statistic[v], f, 1e-10));
  }
}

TEST(Robust, AbsentParticipantsAndConstantVoxels) {
  Eigen::MatrixXd y = golden_table("y.tsv");
  const Eigen::MatrixXd ones = Eigen::MatrixXd::Ones(17, 1);
  y(0, 0) = NAN;
  y.col(1).setConstant(3);
  y.col(2).setConstant(NAN);
  const RobustMaps maps = fit_robust(y, ones, {ones.topRows(1)});
  const RobustMaps without = fit_robust(y.bottomRows(16), ones.topRows(16), {ones.topRows(1)});
  EXPECT_EQ(maps.n[0], 16);
  EXPECT_TRUE(testing::same_bits(maps.contrasts[0].z.head(1), without.contrasts[0].z.head(1)));
  EXPECT_EQ(maps.status[1], GroupStatus::no_variance);
  EXPECT_EQ(maps.status[2], GroupStatus::too_few);
  EXPECT_TRUE(std::isnan(maps.contrasts[0].p[1]));
  EXPECT_THROW(fit_robust(y, Eigen::MatrixXd::Ones(16, 1), {}), Error);
}

TEST(Robust, KeepsItsLevelWithHeavyTails) {
  // Student noise with 3 degrees of freedom; the standard error of a rate of
  // .05 over 4,000 voxels is .0034.
  const CounterRandom random(5, 1);
  Eigen::MatrixXd y(24, 4000);
  for (Index i = 0; i < y.size(); ++i) {
    const auto at = uint64_t(i) * 4;
    double squares = 0;
    for (uint64_t k = 1; k < 4; ++k) squares += std::pow(random.normal(at + k), 2);
    y.data()[i] = random.normal(at) / std::sqrt(squares / 3);
  }
  const RobustMaps maps =
      fit_robust(y, Eigen::MatrixXd::Ones(24, 1), {Eigen::MatrixXd::Ones(1, 1)});
  const double rate = (maps.contrasts[0].p.array() < 0.05).cast<double>().mean();
  EXPECT_NEAR(rate, 0.05, 0.015);
}

}  // namespace
}  // namespace sociometer
