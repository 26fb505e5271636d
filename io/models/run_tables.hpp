#pragma once
#include <optional>
#include <string>

#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/variables.hpp"
#include "io/dataset/people_values.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Reads an events table for a model: every column as text. Rows without an onset are dropped, a
/// missing duration becomes 0, each with a warning that gives the rows.
/// @throws Error{bad_input} naming file, line and column.
EventTable read_event_table(const Table& table, ModelNotes& notes);

/// The rows of the file that its events table has: those with an onset.
std::vector<size_t> rows_with_onset(const Table& table);

/// Reads all numeric columns of a confounds table, NaN where missing; columns of text are left out.
NamedColumns read_confound_columns(const Table& table);

/// The columns of people as a model takes them. Where participants.tsv has a row for each session,
/// what differs between a person's sessions is no value of the person.
ParticipantColumns participant_columns(const PeopleValues& people);

}  // namespace sociometer
