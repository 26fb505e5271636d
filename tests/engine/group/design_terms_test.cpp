// Columns of a group design, as in R and patsy.
#include "engine/group/design_terms.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

TEST(DesignTerms, LevelsAreOrderedByNumberThenLetter) {
  EXPECT_EQ(factor_levels({"b", "10", "2", "a", "b"}),
            (std::vector<std::string>{"2", "10", "a", "b"}));
}

/// contr.treatment and contr.sum of three levels.
TEST(DesignTerms, TreatmentAndSumCodingAsR) {
  const Factor factor{"site", {"a", "b", "c c", "a"}, ""};
  const DesignColumns treatment = factor_columns(factor, FactorCoding::treatment);
  EXPECT_EQ(treatment.names, (std::vector<std::string>{"site_b", "site_c_c"}));
  EXPECT_EQ(treatment.values, (Eigen::MatrixXd(4, 2) << 0, 0, 1, 0, 0, 1, 0, 0).finished());
  const DesignColumns sum = factor_columns(factor, FactorCoding::sum);
  EXPECT_EQ(sum.names, (std::vector<std::string>{"site_a", "site_b"}));
  EXPECT_EQ(sum.values, (Eigen::MatrixXd(4, 2) << 1, 0, 0, 1, -1, -1, 1, 0).finished());
  EXPECT_EQ(factor_columns({"site", factor.labels, "b"}, FactorCoding::treatment).names,
            (std::vector<std::string>{"site_a", "site_c_c"}));
}

TEST(DesignTerms, OneLevelAndStrangeReferencesAreRefused) {
  EXPECT_THROW(factor_columns({"g", {"a", "a"}, ""}, FactorCoding::sum), Error);
  EXPECT_THROW(factor_columns({"g", {"a", "b"}, "c"}, FactorCoding::treatment), Error);
}

TEST(DesignTerms, InteractionsAreProductsAndPeopleSpanTheConstant) {
  const DesignColumns a{{"x"}, (Eigen::MatrixXd(3, 1) << 1, 2, 3).finished()},
      b{{"p", "q"}, (Eigen::MatrixXd(3, 2) << 1, 0, 0, 1, -1, -1).finished()};
  const DesignColumns product = interaction_columns(a, b);
  EXPECT_EQ(product.names, (std::vector<std::string>{"x:p", "x:q"}));
  EXPECT_EQ(product.values, (Eigen::MatrixXd(3, 2) << 1, 0, 0, 2, -3, -3).finished());
  const DesignColumns people = person_columns({"sub-2", "sub-1", "sub-2"});
  EXPECT_EQ(people.names, (std::vector<std::string>{"sub-2", "sub-1"}));
  EXPECT_TRUE(spans(people.values, Eigen::VectorXd::Ones(3)));
  EXPECT_FALSE(spans(people.values, Eigen::VectorXd::LinSpaced(3, 0, 2)));
  EXPECT_FALSE(spans(Eigen::MatrixXd(3, 0), Eigen::VectorXd::Ones(3)));
}

}  // namespace
}  // namespace sociometer
