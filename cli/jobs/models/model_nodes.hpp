#pragma once
#include <string>
#include <vector>

#include "engine/stats_models/stats_model.hpp"

// Nodes that generated models are built from.
namespace sociometer::jobs {

StatsNode run_level_node(bool sessions);
/// The mean over runs (Session, or Subject without sessions) or over sessions, by precision.
StatsNode mean_node(NodeLevel level);
/// One map per contrast: the mean over people.
StatsNode group_level_node();

Instruction factor_step(const std::string& column);
Instruction convolve_step(const std::vector<std::string>& input);

/// An edge from each node to the next.
void connect_in_order(StatsModel& model);

}  // namespace sociometer::jobs
