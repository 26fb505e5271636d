#pragma once
#include "cli/jobs/trials/trials_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `trials`.
void add_trial_options(CLI::App& command, jobs::TrialsRequest& request);

}  // namespace sociometer::cli
