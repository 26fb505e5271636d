#include "cli/options/completion.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/options/option_kinds.hpp"

namespace sociometer::cli {
namespace {

enum class Completes { nothing, words, files, folders };

Completes completes(const ValueKind& kind) {
  if (!kind.choices.empty()) return Completes::words;
  if (kind.type == "DIR") return Completes::folders;
  if (kind.type.find("FILE") != std::string::npos) return Completes::files;
  return Completes::nothing;
}

std::vector<const CLI::Option*> named_options(const CLI::App& command) {
  std::vector<const CLI::Option*> out;
  for (const auto& group : option_groups(command))
    out.insert(out.end(), group.options.begin(), group.options.end());
  return out;
}

std::vector<const CLI::App*> visible(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::string names_of(const std::vector<const CLI::App*>& commands) {
  std::string out;
  for (const auto* command : commands) out += (out.empty() ? "" : " ") + command->get_name();
  return out;
}

/// Commands with subcommands, except the app itself.
std::vector<const CLI::App*> parents(const CLI::App& app) {
  std::vector<const CLI::App*> out;
  for (const auto* command : visible(app))
    if (!visible(*command).empty()) out.push_back(command);
  return out;
}

std::string bash_option_case(const CLI::Option& option) {
  const ValueKind kind = value_kind(option);
  if (kind.type.empty()) return "";
  std::string reply;
  switch (completes(kind)) {
    case Completes::words:
      reply = fmt::format("_sociometer_words '{}'", fmt::join(kind.choices, " "));
      break;
    case Completes::files:
      reply = "_sociometer_files -f";
      break;
    case Completes::folders:
      reply = "_sociometer_files -d";
      break;
    case Completes::nothing:
      reply = ":";
      break;
  }
  return fmt::format("        {}) {} ;;\n", fmt::join(option_names(option), "|"), reply);
}

std::string bash_command(const CLI::App& command) {
  std::string options, cases;
  for (const auto* option : named_options(command)) {
    for (const auto& name : option_names(*option)) options += (options.empty() ? "" : " ") + name;
    cases += bash_option_case(*option);
  }
  return fmt::format(
      "    '{}')\n      options='{}'\n      case $option in\n{}        *) _sociometer_files -f "
      ";;\n      esac ;;\n",
      command_path(command), options, cases);
}

std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The first words of a description: completion shows one line for each.
std::string short_description(const CLI::Option& option) {
  const std::string text = option.get_description();
  return text.substr(0, text.find_first_of(":;("));
}

std::string zsh_escaped(std::string text, const std::string& special) {
  std::string out;
  for (char c : text) {
    if (special.find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const ValueKind& kind) {
  switch (completes(kind)) {
    case Completes::words:
      return fmt::format("({})", fmt::join(kind.choices, " "));
    case Completes::files:
      return "_files";
    case Completes::folders:
      return "_files -/";
    case Completes::nothing:
      break;
  }
  return " ";
}

std::string zsh_option(const CLI::Option& option) {
  const ValueKind kind = value_kind(option);
  const std::string about = zsh_escaped(short_description(option), "[]:\\");
  std::string out;
  for (const auto& name : option_names(option)) {
    std::string spec = (kind.is_list ? "*" : "") + name + "[" + about + "]";
    // A list option takes words until the next option.
    if (!kind.type.empty())
      spec += (kind.is_list ? std::string(":*-*:") : std::string(":")) +
              zsh_escaped(kind.type, ":\\") + ":" + zsh_action(kind);
    out += "        " + single_quoted(spec) + " \\\n";
  }
  return out;
}

std::string zsh_commands(const std::string& name, const std::vector<const CLI::App*>& commands) {
  std::string out = "  local -a " + name + "=(\n";
  for (const auto* command : commands)
    out +=
        "    " +
        single_quoted(command->get_name() + ":" + zsh_escaped(command->get_description(), ":\\")) +
        "\n";
  return out + "  )\n";
}

std::string fish_option(const std::string& condition, const CLI::Option& option) {
  const ValueKind kind = value_kind(option);
  std::string line = "complete -c sociometer -n " + single_quoted(condition);
  for (const auto& name : option.get_snames()) line += " -s " + name;
  for (const auto& name : option.get_lnames()) line += " -l " + name;
  switch (completes(kind)) {
    case Completes::words:
      line += " -x -a " + single_quoted(fmt::format("{}", fmt::join(kind.choices, " ")));
      break;
    case Completes::files:
      line += " -r -F";
      break;
    case Completes::folders:
      line += " -x -a '(__fish_complete_directories)'";
      break;
    case Completes::nothing:
      if (!kind.type.empty()) line += " -x";
      break;
  }
  return line + " -d " + single_quoted(short_description(option)) + "\n";
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string groups, commands;
  for (const auto* parent : parents(app))
    groups += fmt::format("    '{}') commands='{}' ;;\n", command_path(*parent),
                          names_of(visible(*parent)));
  for (const auto* command : all_commands(app)) commands += bash_command(*command);
  return fmt::format(
      "# bash completion of sociometer, made from its declarations\n"
      "_sociometer_words() {{ COMPREPLY=($(compgen -W \"$1\" -- \"$word\")); }}\n"
      "_sociometer_files() {{\n"
      "  local IFS=$'\\n'\n"
      "  compopt -o filenames 2>/dev/null\n"
      "  COMPREPLY=($(compgen \"$1\" -- \"$word\"))\n"
      "}}\n"
      "_sociometer() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} command='' option='' options='' commands='{}' i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${{COMP_WORDS[i]}} in\n"
      "      -*) option=${{COMP_WORDS[i]}} ;;\n"
      "      *) if [ -z \"$option\" ] && [[ \" $commands \" == *\" ${{COMP_WORDS[i]}} \"* ]]; "
      "then\n"
      "           command=${{command:+$command }}${{COMP_WORDS[i]}} commands=''\n"
      "           case $command in\n{}           help) commands='{}' command='' ;;\n"
      "           esac\n         fi ;;\n"
      "    esac\n"
      "  done\n"
      "  if [ -n \"$commands\" ]; then\n"
      "    _sociometer_words \"$commands --help --version\"\n"
      "    return\n"
      "  fi\n"
      "  case $command in\n{}  esac\n"
      "  if [[ $word == -* ]]; then _sociometer_words \"$options\"; fi\n"
      "}}\n"
      "complete -F _sociometer sociometer\n",
      names_of(visible(app)) + " help", groups, names_of(visible(app)), commands);
}

std::string zsh_completion(const CLI::App& app) {
  std::string lists = zsh_commands("commands", visible(app)), cases;
  for (const auto* parent : parents(app)) {
    lists += zsh_commands(parent->get_name() + "_commands", visible(*parent));
    cases += fmt::format(
        "    {0})\n      if (( CURRENT == 3 )); then\n        _describe command {0}_commands\n"
        "        return\n      fi\n      path=\"{0} $words[3]\" ;;\n",
        parent->get_name());
  }
  std::string options;
  for (const auto* command : all_commands(app)) {
    options += "    '" + command_path(*command) + "')\n      _arguments -S \\\n";
    for (const auto* option : named_options(*command)) options += zsh_option(*option);
    options += "        '*: :_files' ;;\n";
  }
  return "#compdef sociometer\n# zsh completion of sociometer, made from its declarations\n"
         "_sociometer() {\n" +
         lists +
         "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  local path=$words[2]\n  case $path in\n" +
         cases + "  esac\n  case $path in\n" + options + "  esac\n}\n_sociometer \"$@\"\n";
}

std::string fish_completion(const CLI::App& app) {
  std::string out = "# fish completion of sociometer, made from its declarations\n";
  const std::string names = names_of(visible(app));
  for (const auto* command : visible(app))
    out += fmt::format(
        "complete -c sociometer -f -n 'not __fish_seen_subcommand_from {}' -a {} -d {}\n", names,
        command->get_name(), single_quoted(command->get_description()));
  for (const auto* parent : parents(app))
    for (const auto* command : visible(*parent))
      out += fmt::format(
          "complete -c sociometer -f -n '__fish_seen_subcommand_from {}; and not "
          "__fish_seen_subcommand_from {}' -a {} -d {}\n",
          parent->get_name(), names_of(visible(*parent)), command->get_name(),
          single_quoted(command->get_description()));
  for (const auto* command : all_commands(app)) {
    std::string condition = "__fish_seen_subcommand_from " + command->get_name();
    const CLI::App* parent = command->get_parent();
    if (parent && parent->get_parent())
      condition = "__fish_seen_subcommand_from " + parent->get_name() + "; and " + condition;
    else if (!parents(app).empty())
      condition += fmt::format("; and not __fish_seen_subcommand_from {}", names_of(parents(app)));
    for (const auto* option : named_options(*command)) out += fish_option(condition, *option);
  }
  return out;
}

}  // namespace sociometer::cli
