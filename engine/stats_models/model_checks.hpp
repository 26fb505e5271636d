#pragma once
#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer {

/// Refuses what can be seen to be wrong before any data are read: names that occur twice, edges
/// that lead nowhere, conditions and HRF.Variables that are not in X, contrasts that would be
/// averaged, columns that a level does not support. Warns of weights that miss 0 or 1.
///
/// Contrasts that can never be estimated are removed with a warning from nodes that drop invalid
/// contrasts.
/// @throws Error{bad_input} naming the node and the place in the file.
void check(StatsModel& model, ModelNotes& notes);

}  // namespace sociometer
