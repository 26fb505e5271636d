#pragma once
#include <string>

#include "cli/jobs/session.hpp"
#include "cli/jobs/simulation/simulate_request.hpp"

namespace sociometer::jobs {

/// Writes a BIDS dataset with derivatives/fmriprep and derivatives/truth.
/// @throws Error for settings that cannot be used, Error{cannot_write} for a folder that has files
///         of others.
JobSummary simulate(const SimulateRequest& request, const Session& session);

/// All settings as JSON, those of the request's file included: a file that `settings` takes.
std::string simulation_settings_text(const SimulateRequest& request);

}  // namespace sociometer::jobs
