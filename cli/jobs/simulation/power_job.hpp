#pragma once
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "cli/jobs/simulation/power_request.hpp"

namespace sociometer::jobs {

struct PowerSummary : JobSummary {
  std::vector<std::string> sentences;  ///< the results in words
};

/// Simulates studies and writes how often each claim would be made: a table, a picture, the
/// assumptions, and sentences.
/// @throws Error as check, and for files that cannot be read.
PowerSummary power(const PowerRequest& request, const Session& session);

}  // namespace sociometer::jobs
