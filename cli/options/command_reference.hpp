#pragma once
#include <string>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// A manual page (roff) of one command, or of the program for the app itself.
std::string manual_page(const CLI::App& command);
/// "sociometer-roi-test.1".
std::string manual_page_name(const CLI::App& command);

/// docs/reference/commands.md: every command with its options, from the declarations.
std::string reference_markdown(const CLI::App& app);

}  // namespace sociometer::cli
