#pragma once
#include <string>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Help of every command: options in groups with the type of their values, choices and defaults,
/// as wide as the terminal and at most 100 columns.
void use_help_formatter(CLI::App& app);

/// One command's help; examples are kept as commands that a shell takes.
std::string help_text(const CLI::App& command, int width);

/// "-o, --output DIR", "--scaling {none,psc,grand}", "--bold FILE ..".
std::string option_signature(const CLI::Option& option);
/// Its description with choices that its signature lacks, its range, its default, and whether it
/// is required.
std::string option_description(const CLI::Option& option);
/// "sociometer contrast [OPTIONS] estimates.."
std::string usage_line(const CLI::App& command);

/// The footer in two parts: what it says, and the example's lines, without their indentation.
struct CommandFooter {
  std::string text, example;
};
CommandFooter footer_of(const CLI::App& command);
/// A command in several lines of at most `width`, ended by backslashes, broken between words.
std::string wrapped_command(const std::string& line, int width);

/// Words of a paragraph in lines of at most `width`, each after the first with an indentation.
std::string wrapped_text(const std::string& text, int width, int indentation);

}  // namespace sociometer::cli
