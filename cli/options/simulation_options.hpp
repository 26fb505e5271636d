#pragma once
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/jobs/simulation/simulate_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The options of `simulate` that are bound to its request.
void add_simulate_options(CLI::App& command, SimulateRequest& request);
/// All options of `example`.
void add_example_options(CLI::App& command, ExampleRequest& request);

}  // namespace sociometer::cli
