#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Variables whose product is a term; empty: the intercept. In order of appearance in the formula.
using Interaction = std::vector<std::string>;

/// Random effects of one grouping factor that are freely correlated with each other.
struct RandomTerm {
  bool intercept = true;
  std::vector<Interaction> slopes;
  std::vector<std::string> grouping;  ///< participant; participant and run for participant:run
};

/// A mixed model: response, fixed effects, random effects.
struct MixedFormula {
  std::string response;
  bool intercept = true;
  std::vector<Interaction> fixed;  ///< main effects first, then interactions, as R orders them
  std::vector<RandomTerm> random;
};

/// Reads a formula as lme4 writes it, in this subset:
///
///     response ~ a + b + a:b + (1 + a | participant) + (0 + b | participant) + (1 | item)
///
/// - `a*b` is a + b + a:b; `- 1` or `0` takes the intercept away; parentheses group fixed terms;
/// - `(a || g)` is (1 | g) + (0 + a | g); `(1 | g/h)` is (1 | g) + (1 | g:h);
/// - names with other characters than letters, digits, '_' and '.' stand in `backquotes`.
/// Functions of columns are refused: they are made as columns of the table.
/// @throws Error{usage} with the place where it cannot be read.
/// @source Bates et al. 2015, J Stat Softw 67(1), section 2.
MixedFormula parse_mixed_formula(const std::string& text);

/// All columns of the table that a formula needs, each once: the response first.
std::vector<std::string> variables_of(const MixedFormula& formula);

/// "a:b"; "intercept" for the empty one.
std::string name_of_term(const Interaction& interaction);

/// The formula in words of the same language, after its abbreviations are written out.
std::string to_string(const MixedFormula& formula);

}  // namespace sociometer
