#pragma once
#include "cli/commands/commands.hpp"

namespace sociometer::cli {

/// Each declares its options below `model`.
void add_model_check_command(CLI::App& model, Shell& shell);
void add_model_default_command(CLI::App& model, Shell& shell);
void add_model_from_command_command(CLI::App& model, Shell& shell);

}  // namespace sociometer::cli
