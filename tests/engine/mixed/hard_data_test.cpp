// Mixed models of data that are hard to compute with, or that cannot be estimated.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/engine/mixed/mixed_goldens.hpp"

namespace sociometer::testing {
namespace hard_data {

constexpr MixedFamily kLogistic = MixedFamily::logistic;

/// 20 participants with 30 trials: x, a level in two (c), one in fifty (rare), y and its sign.
MixedTable trials(double x_mean = 0, double y_mean = 0) {
  std::vector<std::string> people, c, rare;
  std::vector<double> x, y, chosen;
  for (uint64_t p = 0; p < 20; ++p) {
    const CounterRandom random(11, p);
    for (uint64_t t = 0; t < 30; ++t) {
      people.push_back("s" + std::to_string(p));
      c.push_back(random.uniform(5 * t) < 0.5 ? "A" : "B");
      rare.push_back(p < 12 && t == 7 ? "C" : c.back());
      x.push_back(random.normal(5 * t + 1));
      y.push_back((0.3 + 0.3 * random.normal(1001)) * x.back() + random.normal(1000) +
                  random.normal(5 * t + 2));
      chosen.push_back(y.back() > 0);
    }
  }
  for (double& value : x) value += x_mean;
  for (double& value : y) value += y_mean;
  MixedTable out;
  out.add(column_of_words("p", people));
  out.add(column_of_words("c", c));
  out.add(column_of_words("rare", rare));
  out.add(column_of_numbers("x", x));
  out.add(column_of_numbers("y", y));
  out.add(column_of_numbers("chosen", chosen));
  return out;
}

struct Fitted {
  MixedDesign design;
  MixedFit fit;
};

Fitted fitted(const MixedTable& table, const char* formula,
              MixedFamily family = MixedFamily::linear,
              MixedCriterion criterion = MixedCriterion::reml) {
  Fitted out;
  out.design = make_mixed_design(parse_mixed_formula(formula), table,
                                 {family, CategoryCoding::treatment, {}, {}});
  out.fit = fit_mixed(out.design, criterion);
  return out;
}

/// All responses of a level are the same.
MixedTable with_level(const char* column, const char* level, double response) {
  MixedTable table = trials();
  std::vector<double> chosen = table.at("chosen").numbers;
  for (size_t i = 0; i < chosen.size(); ++i)
    if (table.at(column).words[i] == level) chosen[i] = response;
  table.columns.pop_back();
  table.add(column_of_numbers("chosen", chosen));
  return table;
}

void expect_unbounded(const Fitted& f, Eigen::Index effect) {
  EXPECT_TRUE(f.fit.separated);
  for (Eigen::Index j = 0; j < f.fit.effects.size(); ++j) {
    EXPECT_EQ(std::isinf(f.fit.standard_error[j]), j == effect) << f.design.effects[size_t(j)];
    EXPECT_EQ(std::isnan(f.fit.p[j]), j == effect) << f.design.effects[size_t(j)];
  }
}

TEST(HardData, SeparatedLevelsHaveNoFiniteEffect) {
  expect_unbounded(fitted(with_level("c", "B", 1), "chosen ~ c + x + (1 | p)", kLogistic), 1);
  expect_unbounded(fitted(with_level("rare", "C", 0), "chosen ~ x + rare + (1 | p)", kLogistic), 3);
  const Fitted slopes = fitted(with_level("c", "B", 1), "chosen ~ c + x + (1 + x | p)", kLogistic);
  expect_unbounded(slopes, 1);
  EXPECT_TRUE(std::isnan(slopes.fit.tests[0].p));
  EXPECT_GT(slopes.fit.tests[1].p, 0);
}

TEST(HardData, ResponsesThatANumberTellsApart) {
  MixedTable table = trials();
  std::vector<double> sign = table.at("x").numbers;
  for (double& x : sign) x = x > 0.2;
  table.add(column_of_numbers("sign", sign));
  const Fitted f = fitted(table, "sign ~ x + (1 | p)", kLogistic);
  EXPECT_TRUE(f.fit.separated);
  EXPECT_TRUE(std::isnan(f.fit.p[1]));
}

TEST(HardData, OneExceptionIsNoSeparation) {
  MixedTable table = with_level("rare", "C", 0);
  for (size_t i = 0; i < table.n_rows; ++i)
    if (table.at("rare").words[i] == "C") {
      table.columns.back().words[i] = "1", table.columns.back().numbers[i] = 1;
      break;
    }
  EXPECT_FALSE(fitted(table, "chosen ~ x + rare + (1 | p)", kLogistic).fit.separated);
}

/// Adding constants to a slope's column or to the response changes intercepts only.
void expect_same_slope(const Fitted& a, const Fitted& b, double tolerance) {
  EXPECT_NEAR(a.fit.effects[1], b.fit.effects[1], tolerance);
  EXPECT_NEAR(a.fit.statistic[1], b.fit.statistic[1], 10 * tolerance);
  if (a.design.family == MixedFamily::linear) {
    EXPECT_NEAR(a.fit.dof[1], b.fit.dof[1], 300 * tolerance);
  }
  EXPECT_NEAR(a.fit.log_likelihood, b.fit.log_likelihood, 100 * tolerance);
  EXPECT_NEAR(a.fit.random[0].covariance(1, 1), b.fit.random[0].covariance(1, 1), 10 * tolerance);
  EXPECT_TRUE(b.fit.converged) << b.fit.deviance_to_go;
}

TEST(HardData, TheMeanOfASlopesColumnChangesNothing) {
  const char* linear = "y ~ x + (1 + x | p)";
  const char* logistic = "chosen ~ x + (1 + x | p)";
  const Fitted a = fitted(trials(), linear), c = fitted(trials(), logistic, kLogistic);
  for (double mean : {1000., 1e8}) {
    SCOPED_TRACE(mean);
    const double tolerance = mean > 1e6 ? 1e-4 : 1e-6;
    expect_same_slope(a, fitted(trials(mean), linear), tolerance);
    if (mean < 1e6) expect_same_slope(c, fitted(trials(mean), logistic, kLogistic), 1e-4);
  }
  // The intercept is that of x = 0, however far.
  const Fitted b = fitted(trials(1000), linear);
  EXPECT_NEAR(b.fit.effects[0], a.fit.effects[0] - 1000 * a.fit.effects[1], 1e-3);
  const Eigen::MatrixXd s = a.fit.random[0].covariance;
  EXPECT_NEAR(b.fit.random[0].covariance(0, 0) / (1e6 * s(1, 1) - 2000 * s(0, 1) + s(0, 0)), 1,
              1e-5);
}

TEST(HardData, TheMeanOfTheResponseChangesNothing) {
  const char* formula = "y ~ x + (1 + x | p)";
  const Fitted a = fitted(trials(), formula);
  for (double mean : {1e4, 1e6, 1e8}) {
    SCOPED_TRACE(mean);
    expect_same_slope(a, fitted(trials(0, mean), formula), mean > 1e7 ? 1e-5 : 1e-6);
  }
}

TEST(HardData, ResponsesWithoutAResidualAreRefused) {
  MixedTable table = trials();
  std::vector<double> exact = table.at("x").numbers;
  for (double& x : exact) x = 3 + 2 * x;
  table.add(column_of_numbers("exact", exact));
  EXPECT_THROW(fitted(table, "exact ~ x + (1 | p)"), Error);
}

TEST(HardData, RandomEffectsThatAreTheResidualAreRefused) {
  MixedTable table;
  std::vector<std::string> people;
  std::vector<double> c, y;
  const CounterRandom random(5, 5);
  for (uint64_t i = 0; i < 80; ++i) {
    people.push_back("s" + std::to_string(i / 2));
    c.push_back(double(i % 2));
    y.push_back(random.normal(i) + random.normal(1000 + i / 2));
  }
  table.add(column_of_words("p", people));
  table.add(column_of_numbers("c", c));
  table.add(column_of_numbers("y", y));
  EXPECT_THROW(fitted(table, "y ~ c + (1 + c | p)"), Error);
  EXPECT_NO_THROW(fitted(table, "y ~ c + (1 | p)"));
  // As lme4, which counts per term: here the variance of the slope and of the residual are one.
  EXPECT_TRUE(fitted(table, "y ~ c + (1 | p) + (0 + c | p)").fit.log_likelihood < 0);
  std::vector<double> constant(80, 3);
  table.add(column_of_numbers("three", constant));
  EXPECT_THROW(fitted(table, "y ~ c + (1 + three | p)"), Error);
}

}  // namespace hard_data
}  // namespace sociometer::testing
