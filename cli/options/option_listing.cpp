#include <algorithm>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/options/described_option.hpp"
#include "cli/options/option_kinds.hpp"

namespace sociometer::cli {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The name without hyphens: the first long one, else the positional one.
std::string plain_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_single_name() : option.get_lnames().front();
}

std::string lower_case(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Choices by option: CLI11 cannot store them. An option that is described has an entry of its own
/// or none, even if it stands where an earlier one stood.
std::map<const CLI::Option*, std::vector<std::string>>& choices_by_option() {
  static std::map<const CLI::Option*, std::vector<std::string>> all;
  return all;
}

/// Corrects the case of words in the list. Others pass: the command's own error lists the choices.
void take_any_case(CLI::Option& option, const std::vector<std::string>& choices) {
  option.transform(CLI::Validator(
      [choices](std::string& value) {
        value = in_case_of(choices, value);
        return std::string();
      },
      ""));
}

/// CLI11 reads -1 for a number without a sign as the largest there is.
void refuse_signs(CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type.starts_with("UINT") && type.find(":NONNEGATIVE") == std::string::npos)
    option.check(CLI::NonNegativeNumber);
}

void describe_option(const std::string& command, CLI::Option& option) {
  choices_by_option().erase(&option);
  refuse_signs(option);
  const DescribedOption* known = described(command, plain_name(option));
  const bool default_group = option.get_group() == "Options";
  if (default_group && !option.get_positional())
    option.group(known && *known->group ? known->group : "Other");
  if (!known) return;
  if (*known->type && option.get_items_expected_max() > 0) option.type_name(known->type);
  if (!*known->choices) return;
  choices_by_option()[&option] = words_of(known->choices);
  take_any_case(option, choices_by_option()[&option]);
}

void describe_command(CLI::App& command, const std::string& path) {
  for (CLI::Option* option : command.get_options()) describe_option(path, *option);
  for (CLI::App* inner : command.get_subcommands([](CLI::App*) { return true; }))
    describe_command(*inner, path.empty() ? inner->get_name() : path + " " + inner->get_name());
}

}  // namespace

void describe_options(CLI::App& app) { describe_command(app, ""); }

std::string in_case_of(const std::vector<std::string>& choices, const std::string& word) {
  for (const auto& choice : choices)
    if (lower_case(word) == lower_case(choice)) return choice;
  return word;
}

ValueKind value_kind(const CLI::Option& option) {
  ValueKind kind;
  if (option.get_items_expected_max() == 0) return kind;
  // CLI11 appends the description of its checks after a colon.
  const std::string text = option.get_type_name();
  std::string type = text;
  for (const char* check : {":NONNEGATIVE", ":POSITIVE", ":INT in ", ":UINT in ", ":FLOAT in "})
    type = type.substr(0, type.find(check));
  if (type == "FLOAT") type = "NUMBER";
  if (type == "INT" || type == "UINT") type = "N";
  kind.type = type;
  const auto found = choices_by_option().find(&option);
  if (found != choices_by_option().end()) kind.choices = found->second;
  kind.is_list = option.get_items_expected_max() > option.get_items_expected_min();
  return kind;
}

std::vector<const CLI::App*> all_commands(const CLI::App& app, bool hidden) {
  std::vector<const CLI::App*> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty() && !hidden) continue;
    const auto inner = all_commands(*command, hidden);
    if (inner.empty())
      out.push_back(command);
    else
      out.insert(out.end(), inner.begin(), inner.end());
  }
  return out;
}

std::string command_path(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  if (!parent || !parent->get_parent()) return command.get_name();
  return command_path(*parent) + " " + command.get_name();
}

std::vector<std::string> option_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<OptionGroup> option_groups(const CLI::App& command) {
  std::vector<OptionGroup> groups;
  for (const char* name :
       {kGroupInput,       kGroupStudy,       kGroupDesign,     kGroupConfounds, kGroupContrasts,
        kGroupPreparation, kGroupNoise,       kGroupModel,      kGroupColumns,   kGroupRegions,
        kGroupValues,      kGroupAssumptions, kGroupTest,       kGroupPower,     kGroupVoxelwise,
        kGroupHeight,      kGroupTables,      kGroupSmoothness, kGroupBayes,     kGroupShuffles,
        kGroupRecovery,    "Other",           kGroupOutput,     kGroupSlurm,     kGroupRun})
    groups.push_back({name, {}});
  for (const CLI::Option* option : command.get_options()) {
    if (!option->nonpositional() || option->get_group().empty()) continue;
    const auto has_name = [&](const OptionGroup& g) { return g.name == option->get_group(); };
    auto at = std::find_if(groups.begin(), groups.end(), has_name);
    // A group that only this command has comes before its output.
    if (at == groups.end()) at = groups.insert(groups.end() - 4, {option->get_group(), {}});
    at->options.push_back(option);
  }
  std::erase_if(groups, [](const OptionGroup& g) { return g.options.empty(); });
  return groups;
}

std::vector<const CLI::Option*> positionals(const CLI::App& command) {
  std::vector<const CLI::Option*> out;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) out.push_back(option);
  return out;
}

}  // namespace sociometer::cli
