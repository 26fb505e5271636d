#pragma once
#include <string>
#include <vector>

#include "engine/design/event_column.hpp"
#include "engine/design/single_trials.hpp"

/// Single trials of designs that a stats model made: trials are events of its columns.
namespace sociometer {

/// How a stats model names the columns of the levels of trial_type.
inline const std::string kTypeColumn = "trial_type.";

/// Whether a name of TrialOptions::types means a column: its own, or X for "trial_type.X".
bool is_trial_type(const std::string& column, const std::string& type);

/// The columns whose events are the trials, by name: those that `types` names; without types,
/// those whose events all have the amplitude 1 in all runs and are not all events of such columns
/// before them, as those of a modulator of 0 and 1 are.
/// @param runs  of all runs that are analysed together: the columns made of events.
/// @throws Error{bad_input} for a type that no run has, two columns that share an event, and if
/// there is no column.
std::vector<std::string> trial_columns(const std::vector<std::vector<EventColumn>>& runs,
                                       const std::vector<std::string>& types);

/// Splits the trials of a run.
///
/// In other columns a trial is the event of the same row, onset and duration; their other events
/// stay where they are, and so do columns that were changed after their convolution.
/// @param columns  those of the design that were made of events, in its order.
/// @param options  of the design; its response is taken from the columns.
/// @param trials   with types as trial_columns returns them. A run may have none of them.
/// @throws Error{bad_input} for responses or derivatives that differ between the columns of trials,
/// or between columns that share them; for LSA, for columns that the trials explain.
SingleTrials split_trials(const std::vector<EventColumn>& columns, const DesignMatrix& design,
                          double tr_s, const DesignOptions& options, const TrialOptions& trials);

}  // namespace sociometer
