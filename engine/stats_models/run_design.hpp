#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/stats_model.hpp"
#include "engine/stats_models/transformations.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {

/// The design of one run under a Run node.
struct ModelDesign {
  /// The columns of X in their order, drift, the constant last: what make_design returns.
  DesignMatrix design;
  DesignOptions options;  ///< with which it was built (drift, grid), for records
  /// The columns that are responses to events, with these events, in the design's order.
  std::vector<EventColumn> event_columns;
  /// The responses of its columns with those derivatives that entered, each once.
  std::vector<std::string> responses;
  /// Each entry of X with the columns it stands for in this run, for messages and records.
  std::vector<std::pair<std::string, std::vector<std::string>>> expansion;
  std::vector<std::string> missing;          ///< names (not globs) of X that this run does not have
  std::vector<MissingInput> missing_inputs;  ///< of instructions
  std::vector<std::string> available;        ///< the run's variables, for the nearest name
  ModelNotes notes;
};

/// Builds the design of a run: transformations, X, Model.HRF, drift, constant.
///
/// Rules where the specification is silent are in docs/reference/stats_models.md. A name of X that
/// the run lacks is left out and listed; whether any run has it is for `known_columns`.
/// @param variables  those of the run; changed by the instructions.
/// @throws Error as `apply`; {bad_input} for cosine columns beside a different
/// HighPassFilterCutoffHz, missing values in a column beyond its first rows, text in X; as
/// check_design.
ModelDesign run_design(const StatsNode& node, RunVariables variables, const ScanTiming& timing);

/// The columns that some run has, in order of first appearance.
/// @param designs  of all runs that are analysed together.
/// @throws Error{bad_input} naming an entry of X (not a glob) that no run has, with the nearest
/// name.
std::vector<std::string> known_columns(const StatsNode& node,
                                       const std::vector<ModelDesign>& designs);

/// The variable whose response a derivative, dispersion or FIR column belongs to: "go" for
/// "go_derivative" and "go_delay_2"; others are their own.
std::string derived_from(const std::string& column);

/// A contrast of a node as the engine takes it.
struct NodeContrast {
  std::string name;   ///< as in the model
  ContrastSpec spec;  ///< name in camelCase, rows as expressions of the columns
  ContrastTest test = ContrastTest::t;
  std::string place;
};

/// The contrasts of a Run node: Contrasts, then DummyContrasts that none of them replaces.
///
/// A glob among the conditions shares its weight equally among the columns it matches, apart from
/// derivatives. Contrasts that a single run cannot have are found by contrast_weights.
/// @param columns  those that some run has (known_columns).
/// @throws Error{bad_input} for a condition that no run has, contrasts whose names are equal in
/// camelCase.
std::vector<NodeContrast> run_contrasts(const StatsNode& node,
                                        const std::vector<ModelDesign>& designs,
                                        const std::vector<std::string>& columns, ModelNotes& notes);

}  // namespace sociometer
