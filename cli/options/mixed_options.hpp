#pragma once
#include "cli/jobs/mixed/mixed_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `mixed`.
void add_mixed_options(CLI::App& command, jobs::MixedRequest& request);

}  // namespace sociometer::cli
