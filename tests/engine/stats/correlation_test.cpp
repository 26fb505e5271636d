#include "engine/stats/correlation.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

struct CorTestFigures {
  Table data = read_table(testing::golden("r/individual/data.tsv"));
  Table figures = read_table(testing::golden("r/individual/figures.tsv"));
  Eigen::VectorXd column(const std::string& name) const {
    Eigen::VectorXd out(static_cast<Eigen::Index>(data.rows.size()));
    for (Eigen::Index i = 0; i < out.size(); ++i)
      out[i] = number_in(data, size_t(i), data.find(name));
    return out;
  }
  double operator()(const std::string& test, const std::string& name,
                    const std::string& what) const {
    for (size_t i = 0; i < figures.rows.size(); ++i)
      if (figures.rows[i][0] == test && figures.rows[i][1] == name && figures.rows[i][2] == what)
        return number_in(figures, i, 3);
    throw std::runtime_error("no figure " + test + " " + name + " " + what);
  }
};

TEST(Correlation, HasTheFiguresOfCorTest) {
  const CorTestFigures r;
  const Eigen::MatrixXd constant = Eigen::MatrixXd::Ones(36, 1);
  const Eigen::VectorXd x = r.column("anxiety");
  for (const std::string column : {"A_x", "A_y", "B_x", "B_y"}) {
    SCOPED_TRACE(column);
    const auto pearson = pearson_correlation(x, r.column(column), constant);
    const auto spearman = spearman_correlation(x, r.column(column), constant);
    for (const auto& [test, found] : {std::pair{"pearson", pearson}, {"spearman", spearman}}) {
      EXPECT_TRUE(close_number(found.r, r(test, column, "r"), 1e-11, 1e-2));
      EXPECT_TRUE(close_number(found.p, r(test, column, "p"), 1e-10));
      EXPECT_TRUE(close_number(found.lower, r(test, column, "lower"), 1e-10, 1e-2));
      EXPECT_TRUE(close_number(found.upper, r(test, column, "upper"), 1e-10, 1e-2));
    }
  }
}

TEST(Correlation, TakesTheNuisanceOutOfValuesAndOfRanks) {
  const CorTestFigures r;
  Eigen::MatrixXd nuisance(36, 2);
  nuisance << Eigen::VectorXd::Ones(36), r.column("age");
  const Eigen::VectorXd x = r.column("anxiety");
  for (const std::string column : {"A_x", "A_y", "B_x", "B_y"}) {
    const auto pearson = pearson_correlation(x, r.column(column), nuisance);
    EXPECT_EQ(pearson.dof, 33);
    EXPECT_TRUE(close_number(pearson.r, r("pearson|age", column, "r"), 1e-11, 1e-2));
    const auto spearman = spearman_correlation(x, r.column(column), nuisance);
    EXPECT_TRUE(close_number(spearman.r, r("spearman|age", column, "r"), 1e-11, 1e-2));
  }
}

TEST(Correlation, HasNoNumbersWithoutSpread) {
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(9, 0, 1);
  const Eigen::VectorXd flat = Eigen::VectorXd::Constant(9, 0.1);
  const Eigen::MatrixXd constant = Eigen::MatrixXd::Ones(9, 1);
  EXPECT_TRUE(std::isnan(pearson_correlation(x, flat, constant).r));
  EXPECT_TRUE(std::isnan(spearman_correlation(flat, x, constant).p));
  const auto perfect = pearson_correlation(x, 2 * x, constant);
  EXPECT_NEAR(perfect.r, 1, 1e-12);
}

TEST(MidRanks, ShareThoseOfTies) {
  const Eigen::VectorXd values = (Eigen::VectorXd(6) << 3, 1, 3, 3, -2, 9).finished();
  const Eigen::VectorXd expected = (Eigen::VectorXd(6) << 4, 2, 4, 4, 1, 6).finished();
  EXPECT_EQ((mid_ranks(values) - expected).cwiseAbs().maxCoeff(), 0);
}

TEST(AttenuatedCorrelation, ShrinksByTheRootOfReliability) {
  EXPECT_DOUBLE_EQ(attenuated_correlation(0.5, 0.64), 0.4);
  EXPECT_EQ(attenuated_correlation(-0.3, 1), -0.3);
  EXPECT_EQ(attenuated_correlation(0.7, 0), 0);
}

}  // namespace
}  // namespace sociometer
