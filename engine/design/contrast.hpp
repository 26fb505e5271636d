#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

enum class ContrastKind { t, F };

/// A contrast as the user wrote it; rows become weights once the columns of a run are known.
struct ContrastSpec {
  std::string name;  ///< as in file names: letters and digits, camelCase
  ContrastKind kind = ContrastKind::t;
  std::vector<std::string> rows;  ///< expressions or weight lists; one for t, one or more for F
};

/// Weights of one row in one run.
struct ContrastRow {
  Eigen::VectorXd weights;           ///< one per column
  std::vector<std::string> missing;  ///< names that this run's design lacks
};

/// Parses "NAME=EXPRESSION" or "EXPRESSION" (t) and "NAME=EXPR;EXPR" (F).
///
/// Without a name, one is made: "a - b" becomes aMinusB.
/// @throws Error{usage} when the text is empty or a row is.
ContrastSpec parse_contrast(const std::string& text, ContrastKind kind);

/// "match - rank" to "matchMinusRank": + and - become words, other signs end a word. Numbers of
/// weights stay apart: "[1 0 -0.5]" to "1x0Minus0p5".
std::string camel_case(const std::string& text);

/// Weights of an expression over named columns.
///
/// Grammar: sums and differences of products of numbers, column names and parentheses ("0.5*a +
/// 0.5*b", "(a + b)/2 - c"), two of them compared ("a > b" is a - b), or a list "[1, -1, 0]" or
/// "[1 -1 0]", shorter lists being filled with zeros. The
/// longest column name that fits is taken, so "decision-missed" is found before "decision"; a name
/// in 'single' or `back` quotes is taken as it is. `known` are the names of all runs: a name among
/// them that is not in `columns` is reported as missing, any other is an error.
/// @throws Error{bad_input} for an unknown name, Error{usage} for bad grammar.
/// @param reference  the columns that positions in a list count: those of the first run. In other
/// runs the same
///                   columns are found by name.
ContrastRow contrast_weights(const std::string& expression, const std::vector<std::string>& columns,
                             const std::vector<std::string>& known,
                             const std::vector<std::string>& reference);

}  // namespace sociometer
