#pragma once
#include <string>

#include "cli/jobs/session.hpp"
#include "cli/jobs/simulation/simulate_request.hpp"

namespace sociometer::jobs {

/// Writes a BIDS dataset with derivatives/fmriprep and derivatives/truth.
/// @throws Error for unusable settings, Error{cannot_write} for a folder that contains other
///         files.
JobSummary simulate(const SimulateRequest& request, const Session& session);

/// All settings as JSON, including those in the request's file; valid as a `settings` file.
std::string simulation_settings_text(const SimulateRequest& request);

}  // namespace sociometer::jobs
