#pragma once
#include "cli/commands/commands.hpp"

namespace sociometer::cli {

/// Each declares its options below `roi`.
void add_roi_make_command(CLI::App& roi, Shell& shell);
void add_roi_extract_command(CLI::App& roi, Shell& shell);
void add_roi_fit_command(CLI::App& roi, Shell& shell);
void add_roi_test_command(CLI::App& roi, Shell& shell);
void add_roi_dissociate_command(CLI::App& roi, Shell& shell);
void add_roi_individual_command(CLI::App& roi, Shell& shell);

}  // namespace sociometer::cli
