#pragma once
#include "cli/jobs/connectivity/beta_series_request.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Beta-series correlations (Rissman et al. 2004): per participant, condition and region Fisher's z
/// over trials; over participants their mean against 0, and differences of conditions. The summary
/// has the findings in sentences.
JobSummary beta_series(const BetaSeriesRequest& request, const Session& session);

}  // namespace sociometer::jobs
