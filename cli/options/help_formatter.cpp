#include "cli/options/help_formatter.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/options/option_kinds.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {
namespace {

constexpr int kHelpWidth = 100, kHelpColumn = 30;
/// Longer lists of choices are moved to the description.
constexpr size_t kLongestChoices = 40;
/// Beyond this many, the description states the naming rule instead.
constexpr size_t kMostChoices = 12;

std::string braces_of(const std::vector<std::string>& choices) {
  return fmt::format("{{{}}}", fmt::join(choices, ","));
}

/// CLI11's text for a Range: "INT in [64 - 1048576]".
std::string range_of(const CLI::Option& option) {
  const std::string text = option.get_type_name();
  const size_t from = text.find(" in ["), to = text.find(']');
  if (from == std::string::npos || to == std::string::npos) return "";
  std::string range = text.substr(from + 5, to - from - 5);
  const size_t dash = range.find(" - ");
  return dash == std::string::npos ? "" : range.replace(dash, 3, " to ");
}

/// Defaults as words: CLI11 writes lists in brackets and strings in quotes.
std::string default_of(const CLI::Option& option) {
  std::string text = option.get_default_str();
  std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == '"'; });
  return text;
}

/// The name and its arguments, then the description in a separate column.
std::string two_columns(const std::string& left, const std::string& right, int width) {
  std::string out = "  " + left;
  if (int(out.size()) + 2 > kHelpColumn)
    out += "\n" + std::string(kHelpColumn, ' ');
  else
    out.resize(size_t(kHelpColumn), ' ');
  return out + wrapped_text(right, width - kHelpColumn, kHelpColumn) + "\n";
}

std::string options_help(const CLI::App& command, int width) {
  std::string out;
  const auto arguments = positionals(command);
  if (!arguments.empty()) out += "\nArguments:\n";
  for (const auto* option : arguments)
    out += two_columns(option_signature(*option), option_description(*option), width);
  for (const auto& group : option_groups(command)) {
    out += "\n" + group.name + ":\n";
    for (const auto* option : group.options)
      out += two_columns(option_signature(*option), option_description(*option), width);
  }
  return out;
}

std::string commands_help(const CLI::App& command, int width) {
  std::string out;
  for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    if (!inner->get_group().empty())
      out += two_columns(inner->get_name(), inner->get_description(), width);
  return out.empty() ? out : "\nCommands:\n" + out;
}

std::string footer_help(const CLI::App& command, int width) {
  const CommandFooter footer = footer_of(command);
  std::string out;
  std::istringstream paragraphs(footer.text);
  for (std::string line; std::getline(paragraphs, line);)
    out += (out.empty() ? "\n" : "") + wrapped_text(line, width, 0) + "\n";
  if (footer.example.empty()) return out;
  out += "\nExample:\n";
  std::istringstream lines(footer.example);
  for (std::string line; std::getline(lines, line);)
    out += "  " + wrapped_command(line, width - 2) + "\n";
  return out;
}

/// Words of a command; a quoted blank belongs to its word, and the first value of an option
/// stays with it.
std::vector<std::string> unbroken_parts(const std::string& line) {
  std::vector<std::string> words(1), parts;
  char quote = 0;
  for (char c : line) {
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '\'' || c == '"')
      quote = c;
    if (c == ' ' && quote == 0)
      words.emplace_back();
    else
      words.back() += c;
  }
  bool after_option = false;
  for (const auto& word : words) {
    if (word.empty()) continue;
    if (after_option && word[0] != '-')
      parts.back() += " " + word;
    else
      parts.push_back(word);
    after_option = word[0] == '-';
  }
  return parts;
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    const int columns = terminal_columns(STDOUT_FILENO);
    const int width = columns > 0 ? std::clamp(columns, kHelpColumn + 30, kHelpWidth) : kHelpWidth;
    return help_text(*app, width);
  }
};

void use_in(CLI::App& app, const std::shared_ptr<CLI::FormatterBase>& formatter) {
  app.formatter(formatter);
  for (CLI::App* inner : app.get_subcommands([](CLI::App*) { return true; }))
    use_in(*inner, formatter);
}

}  // namespace

std::string wrapped_text(const std::string& text, int width, int indentation) {
  std::istringstream words(text);
  std::string out;
  int column = 0;
  for (std::string word; words >> word;) {
    if (column > 0 && column + 1 + int(word.size()) > width) {
      out += "\n" + std::string(size_t(indentation), ' ');
      column = 0;
    }
    if (column > 0) out += ' ';
    out += word;
    column += int(word.size()) + (column > 0);
  }
  return out;
}

std::string wrapped_command(const std::string& line, int width) {
  std::string out;
  int column = 0;
  for (const auto& word : unbroken_parts(line)) {
    if (column > 0 && column + 3 + int(word.size()) > width) {
      out += " \\\n      ";
      column = 4;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += int(word.size());
  }
  return out;
}

std::string option_signature(const CLI::Option& option) {
  std::string out = fmt::format("{}", fmt::join(option_names(option), ", "));
  const ValueKind kind = value_kind(option);
  if (option.get_positional()) return option.get_single_name() + (kind.is_list ? " .." : "");
  if (kind.type.empty()) return out;
  const std::string braces = braces_of(kind.choices);
  const bool shown = !kind.choices.empty() && braces.size() <= kLongestChoices;
  return out + " " + (shown ? braces : kind.type) + (kind.is_list ? " .." : "");
}

std::string option_description(const CLI::Option& option) {
  std::string out = option.get_description();
  const ValueKind kind = value_kind(option);
  const std::string braces = braces_of(kind.choices);
  if (!kind.choices.empty() && (braces.size() > kLongestChoices || option.get_positional())) {
    // Most descriptions explain the choices.
    const bool named = std::all_of(
        kind.choices.begin(), kind.choices.end(),
        [&](const std::string& choice) { return out.find(choice) != std::string::npos; });
    if (!named && kind.choices.size() <= kMostChoices)
      out += fmt::format(" [{}]", fmt::join(kind.choices, ", "));
  }
  if (const std::string range = range_of(option); !range.empty()) out += " [" + range + "]";
  if (const std::string text = default_of(option); !text.empty() && !kind.type.empty())
    out += " [default: " + text + "]";
  if (option.get_required()) out += " (required)";
  return out;
}

std::string usage_line(const CLI::App& command) {
  std::string out = "sociometer";
  if (command.get_parent()) out += " " + command_path(command);
  const auto inner =
      command.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
  if (!inner.empty()) return out + " COMMAND [OPTIONS]";
  for (const auto* option : positionals(command)) {
    const std::string name = option_signature(*option);
    out += option->get_required() ? " " + name : " [" + name + "]";
  }
  return out + " [OPTIONS]";
}

CommandFooter footer_of(const CLI::App& command) {
  CommandFooter footer;
  std::istringstream lines(command.get_footer());
  bool example = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Example:" || line == "Examples:") {
      example = true;
      continue;
    }
    if (!example) {
      footer.text += line + "\n";
      continue;
    }
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    // A command is one line here, however its declaration wraps it.
    if (line.ends_with(" \\"))
      footer.example += line.substr(0, line.size() - 1);
    else
      footer.example += line + "\n";
  }
  return footer;
}

std::string help_text(const CLI::App& command, int width) {
  std::string out = wrapped_text(command.get_description(), width, 0) +
                    "\n\nUsage: " + usage_line(command) + "\n";
  return out + commands_help(command, width) + options_help(command, width) +
         footer_help(command, width);
}

void use_help_formatter(CLI::App& app) { use_in(app, std::make_shared<HelpFormatter>()); }

}  // namespace sociometer::cli
