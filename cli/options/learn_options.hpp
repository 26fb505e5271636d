#pragma once
#include "cli/jobs/learning/learn_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// All options of `learn`, bound to its request.
void add_learn_options(CLI::App& command, jobs::LearnRequest& request);

}  // namespace sociometer::cli
