#pragma once
#include <optional>
#include <string>

#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {

/// Reads an events table for a model: every column as text. Rows without an onset are dropped, a
/// missing duration becomes 0, each with a warning that gives the rows.
/// @throws Error{bad_input} naming file, line and column.
EventTable read_event_table(const std::string& path, ModelNotes& notes);

/// Reads all numeric columns of a confounds table, NaN where missing; columns of text are left out.
NamedColumns read_confound_columns(const std::string& path);

/// participants.tsv by label (without "sub-") and column.
ParticipantColumns read_participant_columns(const std::string& path);

}  // namespace sociometer
