#pragma once
#include "cli/jobs/connectivity/ppi_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Writes each run's design with the seed and its interactions with every condition and modulator
/// (McLaren et al. 2012), which `fit --design` takes.
/// @throws Error for an unusable request or unusable files; nothing is written then.
JobSummary ppi(const PpiRequest& request, const Session& session);

}  // namespace sociometer::jobs
