#include "cli/options/command_reference.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/options/help_formatter.hpp"
#include "cli/options/option_kinds.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

constexpr int kReferenceWidth = 100;

/// roff: no control character at the start of a line, hyphens that can be copied.
std::string roff(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string page_title(const CLI::App& command) {
  std::string name = command.get_parent() ? "sociometer " + command_path(command) : "sociometer";
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string roff_entry(const std::string& name, const std::string& text) {
  return ".TP\n\\fB" + roff(name) + "\\fR\n" + roff(text) + "\n";
}

std::string roff_commands(const CLI::App& command) {
  std::string out;
  for (const CLI::App* inner :
       command.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    out += roff_entry(inner->get_name(),
                      inner->get_description() + "; see " + page_title(*inner) + "(1)");
  return out.empty() ? out : ".SH COMMANDS\n" + out;
}

std::string roff_options(const CLI::App& command) {
  std::string out;
  const auto arguments = positionals(command);
  if (!arguments.empty()) out += ".SH ARGUMENTS\n";
  for (const auto* option : arguments)
    out += roff_entry(option_signature(*option), option_description(*option));
  out += ".SH OPTIONS\n";
  for (const auto& group : option_groups(command)) {
    out += ".SS " + roff(group.name) + "\n";
    for (const auto* option : group.options)
      out += roff_entry(option_signature(*option), option_description(*option));
  }
  return out;
}

/// An example's lines in shell syntax.
std::string example_lines(const CLI::App& command, int width) {
  std::istringstream lines(footer_of(command).example);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += wrapped_command(line, width) + "\n";
  return out;
}

/// `|` ends a cell, `<` begins a tag.
std::string markdown(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '_' || c == '<' || c == '>') out += '\\';
    out += c;
  }
  return out;
}

/// An execution option of few commands: it is listed with them.
bool belongs_to_few(const CLI::Option& option, const std::vector<const CLI::App*>& commands) {
  const std::string name = option.get_name();
  return std::count_if(commands.begin(), commands.end(),
                       [&](const CLI::App* command) {
                         return command->get_option_no_throw(name) != nullptr;
                       }) *
             2 <
         std::ptrdiff_t(commands.size());
}

std::string markdown_entry(const CLI::Option& option) {
  return "- `" + option_signature(option) + "`:\n  " +
         wrapped_text(markdown(option_description(option)), kReferenceWidth, 2) + "\n";
}

std::string markdown_options(const CLI::App& command,
                             const std::vector<const CLI::App*>& commands) {
  std::string out;
  const auto arguments = positionals(command);
  if (!arguments.empty()) out += "\n**Arguments**\n\n";
  for (const auto* option : arguments) out += markdown_entry(*option);
  for (const auto& group : option_groups(command)) {
    std::string entries;
    for (const auto* option : group.options)
      if (group.name != "Run" || belongs_to_few(*option, commands))
        entries += markdown_entry(*option);
    if (!entries.empty()) out += "\n**" + group.name + "**\n\n" + entries;
  }
  return out;
}

/// The section on execution options shared by all commands.
std::string run_options(const CLI::App& command, const std::vector<const CLI::App*>& commands) {
  std::string out;
  for (const auto& group : option_groups(command))
    if (group.name == "Run")
      for (const auto* option : group.options)
        if (!belongs_to_few(*option, commands)) out += markdown_entry(*option);
  return out;
}

}  // namespace

std::string manual_page_name(const CLI::App& command) { return page_title(command) + ".1"; }

std::string manual_page(const CLI::App& command) {
  std::string title = page_title(command);
  std::string upper = title;
  for (char& c : upper) c = char(std::toupper(static_cast<unsigned char>(c)));
  std::string page = fmt::format(
      ".TH {} 1 \"\" \"Sociometer {}\" \"Sociometer\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}\n",
      upper, version(), roff(title), roff(command.get_description()), roff(usage_line(command)));
  page += roff_commands(command) + roff_options(command);
  const CommandFooter footer = footer_of(command);
  if (!footer.text.empty()) page += ".SH NOTES\n" + roff(footer.text);
  if (!footer.example.empty())
    page += ".SH EXAMPLE\n.nf\n" + roff(example_lines(command, 76)) + ".fi\n";
  page +=
      ".SH EXIT STATUS\n0 done, 1 bug, 2 usage, 3 bad input, 4 cannot write, 5 done but some "
      "contrasts, runs or\nparticipants failed.\n";
  return page;
}

std::string reference_markdown(const CLI::App& app) {
  std::string out =
      "# Commands\n\nMade from the declarations of the program by `scripts/commands_reference.sh`; "
      "`sociometer COMMAND --help`\nand `man sociometer-COMMAND` say the same.\n";
  const auto commands = all_commands(app);
  for (const auto* command : commands) {
    out += "\n## " + command_path(*command) + "\n\n" +
           wrapped_text(markdown(command->get_description()), kReferenceWidth, 0) + ".\n\n    " +
           usage_line(*command) + "\n" + markdown_options(*command, commands);
    std::istringstream example(example_lines(*command, kReferenceWidth));
    out += "\nExample:\n\n";
    for (std::string line; std::getline(example, line);) out += "    " + line + "\n";
  }
  out += "\n## Options of every command\n\n" + run_options(*commands.front(), commands);
  return out;
}

}  // namespace sociometer::cli
