#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

enum class ContrastKind { t, F };

/// A contrast as specified by the user; its rows become weights once a run's columns are known.
struct ContrastSpec {
  std::string name;  ///< as used in file names: letters and digits, camelCase
  ContrastKind kind = ContrastKind::t;
  std::vector<std::string> rows;  ///< expressions or weight lists; one for t, one or more for F
};

/// Weights of one row in one run.
struct ContrastRow {
  Eigen::VectorXd weights;           ///< one per column
  std::vector<std::string> missing;  ///< names that this run's design does not contain
};

/// Parses "NAME=EXPRESSION" or "EXPRESSION" (t) and "NAME=EXPR;EXPR" (F).
///
/// Without a name, one is derived from the expression: "a - b" becomes aMinusB.
/// @throws Error{usage} if the text or a row is empty.
ContrastSpec parse_contrast(const std::string& text, ContrastKind kind);

/// "match - rank" becomes "matchMinusRank": + and - are spelled out, other characters separate
/// words. In a list of weights numbers stay separate: "[1 0 -0.5]" becomes "1x0Minus0p5".
std::string camel_case(const std::string& text);

/// Weights of an expression over named columns.
///
/// Grammar: sums and differences of products of numbers, column names and parentheses ("0.5*a +
/// 0.5*b", "(a + b)/2 - c"), a comparison of two of them ("a > b" is a - b), or a list "[1, -1, 0]"
/// or "[1 -1 0]", padded with zeros. The longest matching name is taken: "decision-missed" takes
/// precedence over "decision". Names in 'single' or `back` quotes are taken literally.
/// @param columns    columns of this run.
/// @param known      names in all runs: a name in `known` but not in `columns` is reported as
///                   missing, any other is an error.
/// @param reference  columns of the first run, to which positions in a list refer; in other runs
///                   the same columns are found by name.
/// @throws Error{bad_input} for an unknown name, Error{usage} for a syntax error.
ContrastRow contrast_weights(const std::string& expression, const std::vector<std::string>& columns,
                             const std::vector<std::string>& known,
                             const std::vector<std::string>& reference);

}  // namespace sociometer
