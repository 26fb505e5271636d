#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/design/hrf.hpp"

namespace sociometer {

/// A comparison of a column with a word or a number: "RT > 0.5", "familiarity == Famous face".
struct RowQuery {
  enum class Comparison { equal, unequal, less, less_equal, greater, greater_equal };
  std::string column;
  Comparison comparison = Comparison::equal;
  std::string text;              ///< what is compared with, without quotes
  std::optional<double> number;  ///< the same as a number, if it is one
  bool operator==(const RowQuery&) const = default;
};

/// Parses "COLUMN OPERATOR VALUE" with one of == != ~= < <= > >=; VALUE may be quoted.
/// @throws Error{bad_input} for anything else (and, or, parentheses, arithmetic).
RowQuery parse_row_query(const std::string& text);

/// The parts of a variable that Assign and Replace can reach.
enum class VariablePart { value, onset, duration };

/// The parameters of each instruction, as pybids-transforms-v1 names and defaults them; those
/// marked (bids-matlab) are from the transformer of bidspm. docs/reference/stats_models.md says
/// what each does.
namespace transforms {
struct Factor {
  enum class Constraint { none, drop_one, mean_zero };
  Constraint constraint = Constraint::none;
  std::string reference, separator = ".";
  bool operator==(const Factor&) const = default;
};
struct Convolve {
  HrfModel hrf;
  std::vector<int> fir_delays;  ///< scans; empty: the first 20 s
  bool operator==(const Convolve&) const = default;
};
struct Scale {
  enum class ReplaceMissing { never, before, after };
  bool demean = true, rescale = true;
  ReplaceMissing replace_missing = ReplaceMissing::never;
  bool refuses_constant = true;  ///< false: Demean
  bool operator==(const Scale&) const = default;
};
struct Threshold {
  double threshold = 0;
  bool binarize = false, above = true, is_signed = true;
  bool operator==(const Threshold&) const = default;
};
struct Orthogonalize {
  std::vector<std::string> other;
  bool operator==(const Orthogonalize&) const = default;
};
struct Lag {
  enum class Edge { nearest, reflect, constant };
  double shift = 1;  ///< samples; not whole: cubic spline between samples
  int order = 3;
  Edge edge = Edge::nearest;
  double constant = 0;
  bool difference = false;
  bool operator==(const Lag&) const = default;
};
struct Product {
  bool operator==(const Product&) const = default;
};
struct Sum {
  std::vector<double> weights;  ///< empty: 1 for each input
  bool operator==(const Sum&) const = default;
};
/// Input OPERATION Value, in the rows that the query selects (bids-matlab).
struct Arithmetic {
  enum class Operation { add, subtract, multiply, divide, power };
  Operation operation = Operation::add;
  double value = 0;
  std::optional<RowQuery> query;
  bool operator==(const Arithmetic&) const = default;
};
struct Logical {
  enum class Operation { both, either, negation };
  Operation operation = Operation::both;
  bool operator==(const Logical&) const = default;
};
struct Assign {
  std::vector<std::string> target;
  VariablePart from = VariablePart::value, to = VariablePart::value;
  bool operator==(const Assign&) const = default;
};
struct Replace {
  struct Pair {
    std::string from, to;
    bool operator==(const Pair&) const = default;
  };
  std::vector<Pair> pairs;
  bool patterns = false;  ///< (bids-matlab) `from` is a regular expression for the whole text
  std::vector<VariablePart> parts{VariablePart::value};
  bool operator==(const Replace&) const = default;
};
struct Filter {
  RowQuery query;
  bool operator==(const Filter&) const = default;
};
struct Split {
  std::vector<std::string> by;
  bool operator==(const Split&) const = default;
};
struct Concatenate {
  bool operator==(const Concatenate&) const = default;
};                           ///< (bids-matlab) texts joined by "_"
struct LabelIdenticalRows {  ///< (bids-matlab) counts equal rows that follow each other
  bool cumulative = false;   ///< counts each value over the whole run
  bool operator==(const LabelIdenticalRows&) const = default;
};
struct Constant {  ///< (bids-matlab) a new variable with an event for each row
  double value = 1;
  bool operator==(const Constant&) const = default;
};
struct Derivative {  ///< differences of successive values
  int order = 1;
  std::optional<double> initial;  ///< of the first values; none: missing
  bool operator==(const Derivative&) const = default;
};
struct ToDense {
  std::optional<double> sampling_rate_hz;  ///< ignored but for a notice: we sample at the TR
  bool operator==(const ToDense&) const = default;
};
struct Copy {
  bool operator==(const Copy&) const = default;
};
struct Rename {
  bool operator==(const Rename&) const = default;
};
struct Delete {
  bool operator==(const Delete&) const = default;
};
struct Select {
  bool operator==(const Select&) const = default;
};
struct DropMissing {
  bool operator==(const DropMissing&) const = default;
};
}  // namespace transforms

/// One step of a node's transformations.
struct Instruction {
  using Parameters =
      std::variant<transforms::Copy, transforms::Factor, transforms::Convolve, transforms::Scale,
                   transforms::Threshold, transforms::Orthogonalize, transforms::Lag,
                   transforms::Product, transforms::Sum, transforms::Arithmetic,
                   transforms::Logical, transforms::Assign, transforms::Replace, transforms::Filter,
                   transforms::Split, transforms::Concatenate, transforms::LabelIdenticalRows,
                   transforms::Constant, transforms::Derivative, transforms::ToDense,
                   transforms::Rename, transforms::Delete, transforms::Select,
                   transforms::DropMissing>;
  std::string name;                 ///< "Convolve", for messages
  std::string place;                ///< in the file: "/Nodes/0/Transformations/Instructions/2"
  std::vector<std::string> input;   ///< names or globs
  std::vector<std::string> output;  ///< empty: in place
  Parameters parameters;
};

}  // namespace sociometer
