#pragma once
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "cli/jobs/simulation/power_request.hpp"

namespace sociometer::jobs {

struct PowerSummary : JobSummary {
  std::vector<std::string> sentences;  ///< what the figures say
};

/// Simulates studies and writes how often they would end with each claim: a table, a picture, the
/// assumptions, and sentences.
/// @throws Error as check, and for files that cannot be read.
PowerSummary power(const PowerRequest& request, const Session& session);

}  // namespace sociometer::jobs
