#pragma once
#include <string>
#include <vector>

#include "cli/jobs/models/check_job.hpp"
#include "cli/jobs/models/default_job.hpp"
#include "cli/jobs/models/from_requests.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

void add_model_check_options(CLI::App& command, StatsModelCheckRequest& request);
void add_model_default_options(CLI::App& command, ModelDefaultRequest& request);

/// Reads command lines of `fit` and `group` with these commands' own options.
/// @param words  configurations (sociometer-fit.toml, sociometer-group.toml), then the words of at
///               most one command.
/// @throws Error{usage} as the commands do, and for other commands.
ModelFromRequest requests_of(const std::vector<std::string>& words);

}  // namespace sociometer::cli
