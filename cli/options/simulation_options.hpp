#pragma once
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/jobs/simulation/simulate_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `simulate` that are its request's.
void add_simulate_options(CLI::App& command, jobs::SimulateRequest& request);
/// All options of `example`.
void add_example_options(CLI::App& command, jobs::ExampleRequest& request);

}  // namespace sociometer::cli
