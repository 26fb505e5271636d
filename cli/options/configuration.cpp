#include "cli/options/configuration.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/options/global_options.hpp"
#include "cli/options/option_kinds.hpp"
#include "cli/options/suggestions.hpp"
#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "io/bytes/file_content.hpp"
#include "io/tables/toml_values.hpp"

namespace sociometer::cli {
namespace {

/// "roi.test" for the command `roi test`.
std::string table_of(const CLI::App& command) {
  std::string table = command_path(command);
  std::replace(table.begin(), table.end(), ' ', '.');
  return table;
}

std::string key_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_single_name() : option.get_lnames().front();
}

/// The values for a command: from its own table, and those before the first table.
std::vector<TomlValue> values_for(const CLI::App& command, const std::string& path) {
  std::vector<TomlValue> out;
  std::set<std::string> others;
  for (auto& value : parse_toml(required_content(path, "--config"), path)) {
    if (value.table.empty() || value.table == table_of(command))
      out.push_back(std::move(value));
    else
      others.insert(value.table);
  }
  if (out.empty() && !others.empty())
    fail(ErrorCode::bad_input, "{} has no options for `{}`: no table [{}], only [{}]", path,
         command_path(command), table_of(command), fmt::join(others, "], ["));
  return out;
}

const CLI::Option& option_of(const CLI::App& command, const TomlValue& value,
                             const std::string& path) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    if (key_of(*option) == value.key) return *option;
    known.push_back(key_of(*option));
  }
  const std::string nearest = nearest_word(value.key, known);
  fail(ErrorCode::usage, "{}, line {}: `{}` has no option {}{}; see sociometer {} --help", path,
       value.line, command_path(command), value.key,
       nearest.empty() ? "" : "; did you mean " + nearest + "?", command_path(command));
}

/// Words that CLI11 parses back to these values, whatever they begin with.
void append_words(std::vector<std::string>& words, const CLI::Option& option,
                  const std::vector<std::string>& values) {
  const std::string name = option_names(option).back();
  if (option.get_items_expected_min() > 1) {
    words.push_back(name);
    words.insert(words.end(), values.begin(), values.end());
  } else {
    for (const auto& value : values) {
      if (value.empty())
        words.insert(words.end(), {name, value});
      else  // CLI11 would split "[1,-1]"; the blank is that of unsplit_arguments
        words.push_back(name + (value.front() == '[' ? "= " : "=") + value);
    }
  }
}

bool is_true(const TomlValue& value, const std::string& path) {
  if (value.values.size() == 1 && value.values[0] == "true") return true;
  if (value.values.size() == 1 && value.values[0] == "false") return false;
  fail(ErrorCode::bad_input, "{}, line {}: {} is true or false", path, value.line, value.key);
}

/// The file named by `--config`; removes these words.
std::string take_config(std::vector<std::string>& words) {
  std::string path;
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const bool apart = words[i] == "--config";
    if (!apart && !words[i].starts_with("--config=")) continue;
    if (!path.empty()) fail(ErrorCode::usage, "--config is given twice; leave out one of them");
    if (apart && i + 1 == words.size()) fail(ErrorCode::usage, "--config needs a file");
    path = apart ? words[i + 1] : words[i].substr(9);
    words.erase(words.begin() + long(i), words.begin() + long(i) + (apart ? 2 : 1));
    --i;
    if (path.empty()) fail(ErrorCode::usage, "--config needs a file");
  }
  return path;
}

/// Whether the option is on the command line itself.
bool is_given(const CLI::Option& option, const std::vector<std::string>& words) {
  const auto names = option_names(option);
  for (const auto& word : words) {
    if (word == "--") break;
    for (const auto& name : names)
      if (word == name || (name.starts_with("--") && word.starts_with(name + "=")) ||
          (!name.starts_with("--") && word.starts_with(name)))
        return true;
  }
  return false;
}

/// Values as given, spelled like the choices where there are any.
std::vector<std::string> given_values(const CLI::Option& option) {
  const auto kind = value_kind(option);
  std::vector<std::string> values;
  for (std::string value : option.results()) {
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);  // of unsplit_arguments
    values.push_back(in_case_of(kind.choices, value));
  }
  return values;
}

/// Options that were given and can change a result, positional ones first, in parse order.
std::vector<const CLI::Option*> given_options(const CLI::App& command) {
  std::vector<const CLI::Option*> out;
  const auto add = [&](const CLI::Option* option) {
    if (option->count() == 0 || changes_no_byte(option->get_name(false, false))) return;
    if (std::find(out.begin(), out.end(), option) == out.end()) out.push_back(option);
  };
  for (const CLI::Option* option : positionals(command)) add(option);
  for (const CLI::Option* option : command.parse_order()) add(option);
  return out;
}

std::vector<std::string> canonical_words(const CLI::App& command) {
  std::vector<std::string> words{command_path(command)};
  if (const size_t blank = words[0].find(' '); blank != std::string::npos)
    words = {words[0].substr(0, blank), words[0].substr(blank + 1)};
  for (const CLI::Option* option : given_options(command)) {
    const auto values = given_values(*option);
    const auto names = option_names(*option);
    const bool flag = option->get_items_expected_max() == 0;
    if (!names.empty() && !flag && values.size() == 1 && values[0].starts_with("-")) {
      words.push_back(names.back() + "=" + values[0]);
      continue;
    }
    if (!names.empty()) words.push_back(names.front());
    if (!flag) words.insert(words.end(), values.begin(), values.end());
  }
  return words;
}

std::string toml_line(const CLI::Option& option) {
  const auto values = given_values(option);
  const std::string key = toml_key(key_of(option)) + " = ";
  if (option.get_items_expected_max() == 0) return key + "true\n";
  if (option.get_items_expected_max() == 1) return key + to_toml(values.front()) + "\n";
  constexpr size_t kLongestLine = 100;
  const std::string line = key + to_toml(values);
  if (line.size() <= kLongestLine || values.size() == 1) return line + "\n";
  std::string lines = key + "[\n";
  for (const auto& value : values) lines += "  " + to_toml(value) + ",\n";
  return lines + "]\n";
}

std::string defaults_as_comments(const CLI::App& command) {
  std::string out;
  for (const auto& group : option_groups(command))
    for (const CLI::Option* option : group.options) {
      const std::string text = option->get_default_str();
      if (option->count() > 0 || text.empty() || value_kind(*option).type.empty() ||
          changes_no_byte(option->get_name()))
        continue;
      const bool list = text.front() == '[';
      out += fmt::format("# {} = {}\n", toml_key(key_of(*option)), list ? text : to_toml(text));
    }
  return out.empty() ? out : "\n# Defaults of the other options:\n" + out;
}

}  // namespace

ConfiguredWords with_configuration(const CLI::App& command, const std::vector<std::string>& words) {
  std::vector<std::string> own = words;
  const std::string path = take_config(own);
  if (path.empty()) return {own, ""};
  std::vector<std::string> out, last;
  const bool positional = !own.empty() && !own.front().starts_with("-");
  for (const TomlValue& value : values_for(command, path)) {
    const CLI::Option& option = option_of(command, value, path);
    if (is_given(option, own)) continue;
    if (option.get_positional()) {
      if (!positional) last.insert(last.end(), value.values.begin(), value.values.end());
    } else if (option.get_items_expected_max() == 0) {
      if (is_true(value, path)) out.push_back(option_names(option).back());
    } else {
      append_words(out, option, value.values);
    }
  }
  // After the words of the command line: a list before them would take the first of them.
  const auto end = std::find(own.begin(), own.end(), "--");
  out.insert(out.begin(), own.begin(), end);
  out.insert(out.end(), end, own.end());
  if (!last.empty() && end == own.end()) out.push_back("--");
  out.insert(out.end(), last.begin(), last.end());
  return {out, path};
}

Provenance provenance_of(const CLI::App& command, const std::string& configuration_read) {
  Provenance out;
  out.command = canonical_words(command);
  std::string name = command_path(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  out.configuration_name = "sociometer-" + name + ".toml";
  out.configuration_read = configuration_read;
  out.configuration = fmt::format(
      "# Options of `sociometer {}`; `--config` with this file runs it "
      "again.\n[{}]\n",
      command_path(command), table_of(command));
  for (const CLI::Option* option : given_options(command)) out.configuration += toml_line(*option);
  out.configuration += defaults_as_comments(command);
  return out;
}

}  // namespace sociometer::cli
