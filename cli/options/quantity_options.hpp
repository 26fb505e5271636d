#pragma once
#include <string>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// An error in words of the command: the engine is a library and names quantities ("the memory
/// limit"), behind which the option that sets them is added, if the command has it and the error
/// does not name it already: "the memory limit (--memory)".
std::string with_options_named(const std::string& message, const CLI::App& command);

}  // namespace sociometer::cli
