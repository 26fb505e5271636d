#pragma once
#include <string>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Help of every command: options in groups with their value types, choices and defaults,
/// as wide as the terminal, at most 100 columns.
void use_help_formatter(CLI::App& app);

/// Help of one command; examples are kept as runnable shell commands.
std::string help_text(const CLI::App& command, int width);

/// "-o, --output DIR", "--scaling {none,psc,grand}", "--bold FILE ..".
std::string option_signature(const CLI::Option& option);
/// The description, with choices missing from the signature, the range, the default, and whether
/// the option is required.
std::string option_description(const CLI::Option& option);
/// "sociometer contrast [OPTIONS] estimates.."
std::string usage_line(const CLI::App& command);

/// The footer in two parts: its text, and the example's lines without indentation.
struct CommandFooter {
  std::string text, example;
};
CommandFooter footer_of(const CLI::App& command);
/// A command wrapped at `width` between words, with trailing backslashes.
std::string wrapped_command(const std::string& line, int width);

/// The words of a paragraph wrapped at `width`, with indented continuation lines.
std::string wrapped_text(const std::string& text, int width, int indentation);

}  // namespace sociometer::cli
