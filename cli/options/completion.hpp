#pragma once
#include <string>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Shell scripts that complete commands, options, choices and files, from the declarations.
std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace sociometer::cli
