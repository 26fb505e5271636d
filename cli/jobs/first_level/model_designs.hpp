#pragma once
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer::jobs {

/// Designs and contrasts of all runs by a Run node of a BIDS stats model. Events and confounds are
/// optional, as the model needs them.
/// @param out  designs, retained scans, contrasts, inputs and warnings are appended.
/// @throws Error{bad_input} naming the model's file and place, or a table, row and column.
void add_model_runs(const DesignRequest& request, const std::vector<RunInput>& runs,
                    RunDesigns& out, Journal& journal);

/// The Run node that the request names; the only one if it names none.
/// @throws Error{bad_input} if there is none, or several and no name.
const StatsNode& run_node(const StatsModel& model, const StatsModelRequest& request);

}  // namespace sociometer::jobs
