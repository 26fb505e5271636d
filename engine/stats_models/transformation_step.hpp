#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/stats_models/transformations.hpp"

namespace sociometer {

/// One instruction while it is carried out: what the functions of the single instructions share.
class TransformationStep {
 public:
  TransformationStep(const Instruction& instruction, RunVariables& variables,
                     const TransformationContext& context, TransformationLog& log)
      : instruction_(instruction), variables_(variables), context_(context), log_(log) {}

  const Instruction& instruction() const { return instruction_; }
  RunVariables& variables() { return variables_; }
  const TransformationContext& context() const { return context_; }
  TransformationLog& log() { return log_; }

  /// The variables that the inputs mean, each once; absent ones are listed in the log.
  std::vector<std::string> inputs();
  /// Whether all inputs are there; an instruction over several inputs at once needs that.
  bool has_all_inputs();
  /// The variables that a name or glob means; `role` names it in messages ("Target").
  std::vector<std::string> resolved(const std::string& pattern, const char* role);
  /// Pairs of inputs with the names of their results.
  std::vector<std::pair<std::string, std::string>> inputs_with_outputs();
  /// The single output that instructions over several inputs at once need.
  std::string single_output();

  const Variable& at(const std::string& name) const { return *variables_.find(name); }
  const SparseVariable& sparse(const std::string& name) const;
  std::string place_of(int row) const { return variables_.place_of(row); }

  /// "Convolve (/Nodes/0/Transformations/Instructions/2)", to begin messages with.
  std::string name() const;
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error(ErrorCode::bad_input,
                name() + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  const Instruction& instruction_;
  RunVariables& variables_;
  const TransformationContext& context_;
  TransformationLog& log_;
};

/// The levels of a variable as Factor names them: numbers ascending, else texts bytewise. Equal
/// numbers are one level, spelt as in the file if all are spelt alike.
std::vector<std::string> levels_of(const SparseVariable& variable);
/// Which events have a level: 1 or 0 each.
SparseVariable indicator_of(const SparseVariable& variable, const std::string& level);

/// Makes the variables that a name like "trial_type.go" or "trial_type.*" means although no Factor
/// made them. The source column stays.
/// @return whether any was made.
bool factor_implicitly(const std::string& pattern, RunVariables& variables, ModelNotes& notes);

/// The values as numbers, NaN where missing.
/// @throws Error{bad_input} for text, naming its line.
Eigen::VectorXd numbers_of(const TransformationStep& step, const std::string& name);
/// The variable with other numbers.
Variable with_numbers(Variable variable, const Eigen::VectorXd& numbers);

/// Whether a row passes a query; a missing value passes none.
bool passes(const RowQuery& query, const EventValue& value);
/// Per row of `variable`, whether the query's column passes in the same row of the events table.
std::vector<uint8_t> rows_passing(TransformationStep& step, const RowQuery& query,
                                  const SparseVariable& variable);

// One function per instruction.
void run(const transforms::Factor&, TransformationStep&);
void run(const transforms::Convolve&, TransformationStep&);
void run(const transforms::Scale&, TransformationStep&);
void run(const transforms::Threshold&, TransformationStep&);
void run(const transforms::Orthogonalize&, TransformationStep&);
void run(const transforms::Lag&, TransformationStep&);
void run(const transforms::Product&, TransformationStep&);
void run(const transforms::Sum&, TransformationStep&);
void run(const transforms::Arithmetic&, TransformationStep&);
void run(const transforms::Logical&, TransformationStep&);
void run(const transforms::Assign&, TransformationStep&);
void run(const transforms::Replace&, TransformationStep&);
void run(const transforms::Filter&, TransformationStep&);
void run(const transforms::Split&, TransformationStep&);
void run(const transforms::Concatenate&, TransformationStep&);
void run(const transforms::LabelIdenticalRows&, TransformationStep&);
void run(const transforms::Constant&, TransformationStep&);
void run(const transforms::Derivative&, TransformationStep&);
void run(const transforms::ToDense&, TransformationStep&);
void run(const transforms::Copy&, TransformationStep&);
void run(const transforms::Rename&, TransformationStep&);
void run(const transforms::Delete&, TransformationStep&);
void run(const transforms::Select&, TransformationStep&);
void run(const transforms::DropMissing&, TransformationStep&);

}  // namespace sociometer
