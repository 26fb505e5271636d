#pragma once
#include "cli/jobs/session.hpp"
#include "cli/jobs/simulation/power_request.hpp"
#include "io/records/power_record.hpp"

namespace sociometer::jobs {

/// The designs and what is to be reported about them; no rows yet.
/// @throws Error for files that cannot be read or that yield no design.
PowerRecord load_power_designs(const PowerRequest& request, const Session& session);

}  // namespace sociometer::jobs
