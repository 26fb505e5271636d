#pragma once
#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// --noise-model; keeps the model's other settings.
void add_noise_model_option(CLI::App& command, NoiseModel& model, const char* help);

/// Images, design without contrasts, mask, noise model and outputs: what `fit` shares with
/// `trials`.
void add_run_options(CLI::App& command, jobs::FitRequest& request);

/// All options of `fit`.
void add_fit_options(CLI::App& command, jobs::FitRequest& request);

}  // namespace sociometer::cli
