#include "engine/design/contrast.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

const std::vector<std::string> kColumns{
    "a", "b", "a-b", "feedback:match", "decision", "decision-missed", "2back", "constant"};

std::vector<double> weights(const std::string& expression) {
  const ContrastRow row = contrast_weights(expression, kColumns, kColumns, kColumns);
  return {row.weights.data(), row.weights.data() + row.weights.size()};
}

using W = std::vector<double>;

TEST(ContrastExpression, UnderstandsSumsProductsAndParentheses) {
  EXPECT_EQ(weights("a - b"), (W{1, -1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("0.5*a + 0.5*b"), (W{.5, .5, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("(a + b)/2 - feedback:match*3"), (W{.5, .5, 0, -3, 0, 0, 0, 0}));
  EXPECT_EQ(weights("-(a - 2*b)"), (W{-1, 2, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("1e1*a"), (W{10, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(ContrastExpression, RefusesNestingWithoutEnd) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_EQ(weights(nested(100)), weights("a"));
  EXPECT_EQ(weights(std::string(100, '-') + "a"), weights("a"));
  for (const std::string& text : {nested(101), std::string(100000, '-') + "a"}) {
    try {
      weights(text);
      ADD_FAILURE() << text.size() << " levels were taken";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("nested more than 100 deep"), std::string::npos) << message;
      EXPECT_LT(message.size(), 300u);
    }
  }
}

TEST(ContrastExpression, TakesTheLongestName) {
  EXPECT_EQ(weights("decision-missed"), (W{0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(weights("decision - decision-missed"), (W{0, 0, 0, 0, 1, -1, 0, 0}));
  EXPECT_EQ(weights("a-b"), (W{0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("2back - 2*a"), (W{-2, 0, 0, 0, 0, 0, 1, 0}));
}

TEST(ContrastExpression, TakesQuotedNamesAsTheyAre) {
  EXPECT_EQ(weights("'a'-'b'"), (W{1, -1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("`a-b`"), (W{0, 0, 1, 0, 0, 0, 0, 0}));
}

TEST(ContrastExpression, TakesAbsoluteValuesOfModulatorsAsNames) {
  const std::vector<std::string> columns{"feedback", "feedback:x", "feedback:abs(x)"};
  const auto row = contrast_weights("(feedback:abs(x) - feedback:x)/2", columns, columns, columns);
  EXPECT_EQ(W(row.weights.data(), row.weights.data() + 3), (W{0, -.5, .5}));
  EXPECT_EQ(camel_case("feedback:abs(outcome_update)"), "feedbackAbsOutcomeUpdate");
}

TEST(ContrastExpression, TakesWeightLists) {
  EXPECT_EQ(weights("[1, -1]"), (W{1, -1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(weights("[0,0,0,+0.25]"), (W{0, 0, 0, .25, 0, 0, 0, 0}));
}

TEST(ContrastExpression, TakesWeightListsWithBlanks) {
  EXPECT_EQ(weights("[1 -1]"), weights("[1, -1]"));
  EXPECT_EQ(weights("[ 0  0 1 , -1 ]"), weights("[0, 0, 1, -1]"));
  for (const char* text : {"[1 -1", "[1-1]", "[1 x]", "[ ]", "[1,,2]"})
    EXPECT_THROW(weights(text), Error) << text;
}

TEST(ContrastExpression, ComparesAsPeopleWriteIt) {
  const auto of = [](const char* text) {
    const std::vector<std::string> columns{"a", "b", "c d", "e>f"};
    const Eigen::VectorXd w = contrast_weights(text, columns, columns, columns).weights;
    return W(w.data(), w.data() + w.size());
  };
  EXPECT_EQ(of("a>b"), (W{1, -1, 0, 0}));
  EXPECT_EQ(of("a < b"), (W{-1, 1, 0, 0}));
  EXPECT_EQ(of("(a + b)/2 > c d"), (W{.5, .5, -1, 0}));
  EXPECT_EQ(of("e>f - a"), (W{-1, 0, 0, 1}));
  EXPECT_EQ(of("`e>f` > `c d`"), (W{0, 0, -1, 1}));
  for (const char* text : {"a > 1", "a > b > c d", "a >", "> a"})
    EXPECT_THROW(of(text), Error) << text;
}

TEST(ContrastExpression, TakesAfniLabelsWithoutTheirNumber) {
  const auto of = [](const char* text) {
    const std::vector<std::string> columns{"Run#1Pol#0", "A#0", "B#0", "B#1", "AB#0"};
    const Eigen::VectorXd w = contrast_weights(text, columns, columns, columns).weights;
    return W(w.data(), w.data() + w.size());
  };
  EXPECT_EQ(of("A - B#1"), (W{0, 1, 0, -1, 0}));
  EXPECT_EQ(of("AB > A#0"), (W{0, -1, 0, 0, 1}));
  EXPECT_THROW(of("B"), Error) << "it has two columns";
  EXPECT_THROW(of("A#1"), Error);
}

TEST(ContrastExpression, ReportsNamesThatOnlyThisRunLacks) {
  const ContrastRow row = contrast_weights("a - b", {"a"}, {"a", "b"}, {"a", "b"});
  EXPECT_EQ(row.missing, std::vector<std::string>{"b"});
}

TEST(ContrastExpression, FindsTheColumnsOfAListByNameInOtherRuns) {
  // The first run has a, b, c; this one does not have a.
  const ContrastRow row =
      contrast_weights("[0, 1, -1]", {"b", "c"}, {"a", "b", "c"}, {"a", "b", "c"});
  EXPECT_TRUE(row.missing.empty());
  EXPECT_EQ(row.weights, Eigen::Vector2d(1, -1));
  EXPECT_EQ(contrast_weights("[1, -1]", {"b", "c"}, {"a", "b", "c"}, {"a", "b", "c"}).missing,
            std::vector<std::string>{"a"});
}

TEST(ContrastExpression, RefusesAnUnknownNameAndListsTheColumns) {
  try {
    weights("a - c");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_input);
    EXPECT_NE(std::string(error.what()).find("'c'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("feedback:match"), std::string::npos);
  }
}

TEST(ContrastExpression, RefusesBadGrammar) {
  for (const char* text : {"a -", "a b", "(a", "a*b", "a/b", "a/0", "3", "a + 1", "[1, x]", "[]",
                           "[1,2,3,4,5,6,7,8,9]", "'a", "a)"})
    EXPECT_THROW(weights(text), Error) << text;
}

TEST(ContrastName, BecomesCamelCase) {
  EXPECT_EQ(camel_case("a - b"), "aMinusB");
  EXPECT_EQ(camel_case("match_minus_rank"), "matchMinusRank");
  EXPECT_EQ(camel_case("faceVsHouse"), "faceVsHouse");
  EXPECT_EQ(camel_case("0.5*a + 0.5*b"), "05APlus05B");
  EXPECT_EQ(camel_case("[1 0 -1]"), "1x0Minus1");
  EXPECT_EQ(camel_case("[10 -1]"), "10Minus1");
  EXPECT_EQ(camel_case("[1.5, -15]"), "1p5Minus15");
  EXPECT_EQ(camel_case("run 1 2"), "run12");
}

TEST(ContrastSpec, SplitsNameAndRows) {
  const ContrastSpec f = parse_contrast("any = a; b ;", ContrastKind::F);
  EXPECT_EQ(f.name, "any");
  EXPECT_EQ(f.rows, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse_contrast("a - b", ContrastKind::t).name, "aMinusB");
  EXPECT_THROW(parse_contrast("x=", ContrastKind::t), Error);
  EXPECT_THROW(parse_contrast("", ContrastKind::F), Error);
}

}  // namespace
}  // namespace sociometer
