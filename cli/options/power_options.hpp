#pragma once
#include "cli/jobs/simulation/power_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `power`, bound to its request.
void add_power_options(CLI::App& command, jobs::PowerRequest& request);

}  // namespace sociometer::cli
