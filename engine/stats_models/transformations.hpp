#pragma once
#include <vector>

#include "engine/design/design_matrix.hpp"
#include "engine/stats_models/instruction.hpp"
#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {

/// What the transformations of a run need to know beside its variables.
struct TransformationContext {
  ScanTiming timing;
  DesignOptions options;  ///< grid and sampling of the responses
};

/// A variable that an instruction needs and a run does not have.
struct MissingInput {
  std::string what;  ///< "Convolve (/Nodes/0/..): Input 'trial_type.goo'"
  std::string name;
};

/// What transformations have to report.
struct TransformationLog {
  ModelNotes notes;
  std::vector<MissingInput> missing;
};

/// Carries out one instruction.
///
/// An input that the run lacks is left out and listed in the log, since a condition may be absent
/// from a run; known_columns refuses what is absent from all runs.
///
/// A name like trial_type.go that no variable has, although trial_type has the level go, means the
/// variable that Factor would have made; it is made, with a notice.
/// @throws Error{bad_input} naming the instruction, its place in the file, the variable, and where
/// one can be meant the nearest name.
/// @source pybids-transforms-v1: pybids 0.22, bids/modeling/transformations;
/// bids-standard/variable-transform. Differences: docs/reference/stats_models.md.
void apply(const Instruction& instruction, RunVariables& variables,
           const TransformationContext& context, TransformationLog& log);

/// Carries out a node's instructions in order.
void apply(const std::vector<Instruction>& instructions, RunVariables& variables,
           const TransformationContext& context, TransformationLog& log);

/// The stimulus of a sparse variable: its events with an amplitude other than 0; missing values
/// are no events. The response is not set.
/// @throws Error{bad_input} for text without a number, or a row without a duration.
EventColumn events_of_column(const std::string& name, const SparseVariable& variable,
                             const RunVariables& variables);

/// When the scans are sampled, s; on SPM's grid not used.
Eigen::VectorXd frame_times_s(const TransformationContext& context);

/// Columns of a stimulus: response, derivatives or delays, exactly as make_design builds them.
RegressorGroup convolved(const Stimulus& stimulus, const HrfModel& hrf,
                         const std::vector<int>& fir_delays, const TransformationContext& context);

}  // namespace sociometer
