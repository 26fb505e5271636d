#pragma once
#include <string>
#include <vector>

#include "cli/jobs/trials/trials_request.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer::jobs {

/// Single trials as a Run node's settings ask for them.
/// @param types  the columns of trials.
/// @param fit    the first level of the same runs.
TrialsRequest trials_request(const StatsNode& node, std::vector<std::string> types, FitRequest fit);

/// Checks the request. @throws Error{bad_input} with the node's place, in the words of models.
void check_trials(const StatsNode& node, const TrialsRequest& request);

/// Regions of a Run node's settings, whose mean amplitudes are taken.
RegionRequest regions_of_trials(const StatsNode& node);

/// The files that regions are read from.
/// @param output  of the study: tables of regions that it makes itself are known by their jobs.
std::vector<std::string> region_files(const RegionRequest& regions, const std::string& output);

}  // namespace sociometer::jobs
