#pragma once
#include "cli/jobs/rsa/rsa_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `rsa`.
void add_rsa_options(CLI::App& command, jobs::RsaRequest& request);

}  // namespace sociometer::cli
