#pragma once
#include <array>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/mixed/formula.hpp"
#include "engine/mixed/mixed_table.hpp"

namespace sociometer {

/// How categories become columns.
enum class CategoryCoding {
  treatment,  ///< each level less the reference
  sum         ///< each level but the last less the mean over levels
};
constexpr std::array<Name<CategoryCoding>, 2> names_of(std::type_identity<CategoryCoding>) {
  return {{{CategoryCoding::treatment, "treatment"}, {CategoryCoding::sum, "sum"}}};
}

/// What the response is.
enum class MixedFamily { linear, logistic };
constexpr std::array<Name<MixedFamily>, 2> names_of(std::type_identity<MixedFamily>) {
  return {{{MixedFamily::linear, "linear"}, {MixedFamily::logistic, "logistic"}}};
}

/// What the formula does not say.
struct MixedCoding {
  MixedFamily family = MixedFamily::linear;
  CategoryCoding coding = CategoryCoding::treatment;
  std::vector<std::string> categories;  ///< columns of numbers that are categories
  /// COLUMN=LEVEL: the reference of a category (its first level otherwise); of the response of a
  /// logistic model, the level that counts as 0.
  std::vector<std::string> references;
};

/// The random effects of one grouping factor, for all terms of the formula that name it.
struct RandomFactor {
  std::string name;  ///< participant, participant:run
  std::vector<std::string> levels;
  std::vector<int> level;            ///< per row, 0 .. levels - 1
  std::vector<std::string> columns;  ///< names of the effects
  std::vector<int> blocks;           ///< how many columns are freely correlated, in their order
  Eigen::MatrixXd z;                 ///< (n_rows, n_columns)

  Eigen::Index n_columns() const { return z.cols(); }
  Eigen::Index n_levels() const { return Eigen::Index(levels.size()); }
};

/// A term of the fixed effects and its columns.
struct FixedTerm {
  std::string name;
  Eigen::Index first = 0, n = 0;
};

/// A mixed model of the complete rows of a table.
struct MixedDesign {
  MixedFormula formula;
  MixedFamily family = MixedFamily::linear;
  Eigen::VectorXd response;  ///< 0 and 1 for a logistic model
  std::string success;       ///< level of a logistic response that is 1; empty if it was a number
  Eigen::MatrixXd fixed;     ///< X, (n_rows, n_effects)
  std::vector<std::string> effects;
  std::vector<FixedTerm> terms;
  std::vector<RandomFactor> random;
  std::vector<size_t> rows;   ///< of the table, that are complete
  size_t n_participants = 0;  ///< levels of the participant's column; 0: not set
  size_t n_dropped = 0;       ///< rows of the table with a missing value
  /// How many rows lack each column, of those that lack any.
  std::vector<std::pair<std::string, size_t>> missing;

  Eigen::Index n() const { return response.size(); }
};

/// Columns are named x, condition[social], x:condition[social]. A category within an interaction
/// gets a column per level, not one less, where its margin is not in the model, as in R.
/// @throws Error{bad_input} for columns that are missing, constant or linearly dependent, a
/// response that the family cannot have, or fewer rows than effects.
MixedDesign make_mixed_design(const MixedFormula& formula, const MixedTable& table,
                              const MixedCoding& coding);

/// Variance inflation factor of each fixed effect over the rows, NaN for the intercept.
/// @source Belsley, Kuh & Welsch 1980, Regression Diagnostics.
Eigen::VectorXd variance_inflation(const MixedDesign& design);

/// Fixed effects that vary within the levels of a grouping factor of the model, and have no random
/// effect over it. Empty if the model does not have the factor.
/// @source Barr et al. 2013, J Mem Lang 68: their tests are too liberal where levels differ.
std::vector<std::string> effects_without_slope(const MixedDesign& design,
                                               const std::string& factor);

}  // namespace sociometer
