// Formulas of mixed models, and the columns that they make.
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/mixed/mixed_design.hpp"

namespace sociometer::testing {
namespace mixed_formulas {

std::string written(const std::string& text) { return to_string(parse_mixed_formula(text)); }

TEST(MixedFormulas, AreWrittenOut) {
  EXPECT_EQ(written("y ~ a*b + (a | p)"), "y ~ 1 + a + b + a:b + (1 + a | p)");
  EXPECT_EQ(written("y~(a+b):c+(1|p)"), "y ~ 1 + a:c + b:c + (1 | p)");
  EXPECT_EQ(written("y ~ a*b*c - a:b:c + (1 | p)"),
            "y ~ 1 + a + b + c + a:b + a:c + b:c + (1 | p)");
  EXPECT_EQ(written("y ~ 0 + a + (0 + a | p)"), "y ~ 0 + a + (0 + a | p)");
  EXPECT_EQ(written("y ~ a - 1 + (a || p)"), "y ~ 0 + a + (1 | p) + (0 + a | p)");
  EXPECT_EQ(written("y ~ 1 + (1 | p/r)"), "y ~ 1 + (1 | p) + (1 | p:r)");
  EXPECT_EQ(written("y ~ b + a + a:b + (1|p:r)"), "y ~ 1 + b + a + b:a + (1 | p:r)");
  EXPECT_EQ(written("`left dACC` ~ `rank 2` + (1 | p)"), "`left dACC` ~ 1 + `rank 2` + (1 | p)");
  EXPECT_EQ(written("y ~ a + a + (1 | p)"), "y ~ 1 + a + (1 | p)");
}

TEST(MixedFormulas, NameTheirColumns) {
  EXPECT_EQ(variables_of(parse_mixed_formula("y ~ a*b + (1 + c | p:r)")),
            (std::vector<std::string>{"y", "a", "b", "c", "p", "r"}));
}

void expect_refused(const std::string& text, const std::string& with) {
  try {
    parse_mixed_formula(text);
    ADD_FAILURE() << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(MixedFormulas, AreRefusedAtTheirPlace) {
  expect_refused("y ~ log(a) + (1 | p)", "functions are not part of a formula");
  expect_refused("y + a", "'~' is expected");
  expect_refused("y ~ a + (1 | p", "character 15");
  expect_refused("y ~ a + + b", "the name of a column is expected");
  expect_refused("y ~ a ^ 2", "cannot be read here");
  expect_refused("y ~ a + (1 | )", "a grouping factor is expected");
  expect_refused("y ~ a - b + (1 | p)", "cannot be taken away");
  expect_refused("y ~ y + (1 | p)", "cannot be a predictor");
  expect_refused("y ~ 0 + (1 | p)", "no fixed effect");
  expect_refused("y ~ " + std::string(5000, '('), "nested more than 100 deep");
  std::string products = "y ~ v0", sums = products;
  for (int i = 1; i < 600; ++i) {
    products += "*v" + std::to_string(i);
    sums += "+v" + std::to_string(i);
  }
  expect_refused(products, "a formula has 500 at most");
  expect_refused(sums, "a formula has 500 at most");
  std::string groups = "y ~ a + (1 | g0", term = "y ~ v0";
  for (int i = 1; i < 60; ++i) {
    groups += "/g" + std::to_string(i);
    term += ":v" + std::to_string(i);
  }
  expect_refused(groups + ")", "grouping factors in a term");
  expect_refused(term, "variables in a term");
  // All pairs of 23 columns are 276 terms.
  std::string names = "(v0";
  for (int i = 1; i < 23; ++i) names += "+v" + std::to_string(i);
  names += ")";
  EXPECT_EQ(parse_mixed_formula("y ~ " + names + "*" + names + " + (1 | p)").fixed.size(), 276u);
  expect_refused("", "the name of the response is expected");
  expect_refused("y ~ a * (1 | p)", "stands by itself");
  expect_refused("y ~ `a + (1 | p)", "not closed");
}

MixedTable small_table() {
  MixedTable out;
  out.add(column_of_words("y", {"1", "2", "4", "3", "5", "7", "6", "9", "1", ""}));
  out.add(column_of_words("x", {"0", "1", "3", "2", "4", "5", "7", "6", "8", "9"}));
  out.add(column_of_words("c", {"u", "v", "w", "u", "v", "w", "u", "v", "w", "u"}));
  out.add(column_of_words("p", {"1", "1", "1", "2", "2", "2", "10", "10", "10", "10"}));
  return out;
}

TEST(MixedDesigns, CodeCategoriesAsRDoes) {
  const MixedTable table = small_table();
  const auto effects = [&](const char* formula, MixedCoding coding = {}) {
    return make_mixed_design(parse_mixed_formula(formula), table, coding).effects;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(effects("y ~ c + (1 | p)"), (Names{"intercept", "c[v]", "c[w]"}));
  EXPECT_EQ(effects("y ~ 0 + c + (1 | p)"), (Names{"c[u]", "c[v]", "c[w]"}));
  EXPECT_EQ(effects("y ~ c:x + (1 | p)"), (Names{"intercept", "c[u]:x", "c[v]:x", "c[w]:x"}));
  EXPECT_EQ(effects("y ~ x + c:x + (1 | p)"), (Names{"intercept", "x", "x:c[v]", "x:c[w]"}));
  EXPECT_EQ(
      effects("y ~ c + (1 | p)", {MixedFamily::linear, CategoryCoding::treatment, {}, {"c=w"}}),
      (Names{"intercept", "c[u]", "c[v]"}));
  const MixedDesign sum = make_mixed_design(parse_mixed_formula("y ~ c + (1 | p)"), table,
                                            {MixedFamily::linear, CategoryCoding::sum, {}, {}});
  EXPECT_EQ(sum.effects, (Names{"intercept", "c[u]", "c[v]"}));
  EXPECT_EQ(sum.fixed(2, 1), -1);
  EXPECT_EQ(sum.fixed(0, 1), 1);
  EXPECT_EQ(sum.fixed(1, 1), 0);
}

TEST(MixedDesigns, CountWhatIsMissing) {
  const MixedDesign d =
      make_mixed_design(parse_mixed_formula("y ~ x + (1 | p)"), small_table(), {});
  EXPECT_EQ(d.n(), 9);
  EXPECT_EQ(d.n_dropped, 1u);
  ASSERT_EQ(d.missing.size(), 1u);
  EXPECT_EQ(d.missing[0].first, "y");
  // Participants are sorted by number.
  EXPECT_EQ(d.random[0].levels, (std::vector<std::string>{"1", "2", "10"}));
}

void expect_bad(const char* formula, const std::string& with, MixedCoding coding = {}) {
  try {
    make_mixed_design(parse_mixed_formula(formula), small_table(), coding);
    ADD_FAILURE() << formula;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(MixedDesigns, RefuseWhatCannotBeFitted) {
  expect_bad("y ~ z + (1 | p)", "no column 'z'");
  expect_bad("c ~ x + (1 | p)", "the family logistic");
  expect_bad("y ~ x + (1 | x)", "cannot be told from the residual");
  const MixedCoding logistic{MixedFamily::logistic, CategoryCoding::treatment, {}, {}};
  expect_bad("c ~ x + (1 | p)", "a response of two values; 'c' has 3", logistic);
  expect_bad("y ~ x + c + (1 | p)", "'q' is no level of 'c'; it has u, v, w",
             {MixedFamily::linear, CategoryCoding::treatment, {}, {"c=q"}});
  expect_bad("y ~ x*c*p + (1 | p)", "more rows are needed");
  expect_bad("y ~ x + (x | p) + (0 + x | p)", "is in the formula twice");
}

TEST(MixedDesigns, RefuseColumnsThatDepend) {
  MixedTable table = small_table();
  std::vector<double> twice = table.at("x").numbers;
  for (double& x : twice) x = 1 + 2 * x;
  table.add(column_of_numbers("twice", twice));
  try {
    make_mixed_design(parse_mixed_formula("y ~ x + twice + (1 | p)"), table, {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot be estimated: twice"), std::string::npos);
  }
}

TEST(MixedDesigns, KnowVarianceInflation) {
  MixedTable table;
  table.add(column_of_words("y", {"1", "2", "0", "3", "1", "5"}));
  table.add(column_of_words("a", {"1", "2", "3", "4", "5", "6"}));
  table.add(column_of_words("b", {"2", "1", "4", "3", "6", "5"}));
  table.add(column_of_words("p", {"1", "1", "2", "2", "3", "3"}));
  const MixedDesign d = make_mixed_design(parse_mixed_formula("y ~ a + b + (1 | p)"), table, {});
  const double r = 29.0 / 35;  // correlation of a and b: 14.5 / 17.5
  EXPECT_NEAR(variance_inflation(d)[1], 1 / (1 - r * r), 1e-12);
  EXPECT_TRUE(std::isnan(variance_inflation(d)[0]));
  EXPECT_EQ(effects_without_slope(d, "p"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace mixed_formulas
}  // namespace sociometer::testing
