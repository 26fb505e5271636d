#pragma once
#include "cli/jobs/connectivity/beta_series_request.hpp"
#include "cli/jobs/connectivity/ppi_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `ppi`.
void add_ppi_options(CLI::App& command, jobs::PpiRequest& request);

/// All options of `beta-series`.
void add_beta_series_options(CLI::App& command, jobs::BetaSeriesRequest& request);

}  // namespace sociometer::cli
