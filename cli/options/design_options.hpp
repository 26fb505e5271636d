#pragma once
#include "cli/jobs/first_level/design_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Events, confounds, censoring and the response model.
void add_model_options(CLI::App& command, jobs::DesignRequest& request);

/// Events, confounds, censoring, the response model, and contrasts: the options shared by `fit`,
/// `design` and `roi fit`.
void add_design_options(CLI::App& command, jobs::DesignRequest& request);

}  // namespace sociometer::cli
