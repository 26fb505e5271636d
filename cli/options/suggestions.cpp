#include "cli/options/suggestions.hpp"

#include <algorithm>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/options/option_kinds.hpp"
#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "io/bytes/path_glob.hpp"

namespace sociometer::cli {
namespace {

std::vector<std::string> inner_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* inner : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!inner->get_group().empty()) names.push_back(inner->get_name());
  return names;
}

std::string did_you_mean(const std::string& nearest) {
  return nearest.empty() ? ";" : "; did you mean " + nearest + "?";
}

[[noreturn]] void refuse_command(const CLI::App& app, const std::string& word) {
  const bool top = !app.get_parent();
  std::string nearest = nearest_word(word, inner_names(app));
  if (top && nearest.empty())  // it may be a subcommand of `roi`
    for (const CLI::App* command : all_commands(app))
      if (nearest_word(word, {command->get_name()}) == command->get_name())
        nearest = "`" + command_path(*command) + "`";
  const std::string known = fmt::format("{}", fmt::join(inner_names(app), ", "));
  const std::string after = top ? "" : " " + command_path(app);
  fail(ErrorCode::usage, "unknown command '{}'{}{} {}nown: {}; see sociometer{} --help", word,
       top ? "" : " of" + after, did_you_mean(nearest), nearest.empty() ? "k" : "K", known, after);
}

/// Whether CLI11 takes the word for an option.
bool is_option_word(const std::string& word) {
  if (word.size() < 2 || word[0] != '-' || word == "--") return false;
  if (word[1] == '-') return true;
  // Negative numbers are values.
  return (word[1] < '0' || word[1] > '9') && word[1] != '.' && word != "-inf" && word != "-nan" &&
         word != "-infinity";
}

/// The option name in a word: "--tr" in "--tr=2", "-j" in "-j8".
std::string option_name_in(const std::string& word) {
  if (word[1] == '-') return word.substr(0, word.find('='));
  return word.substr(0, 2);
}

bool is_known_option(const CLI::App& command, const std::string& word) {
  return is_option_word(word) && command.get_option_no_throw(option_name_in(word)) != nullptr;
}

[[noreturn]] void refuse_option(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option_names(*option)) known.push_back(name);
  std::string name = word.substr(0, word.find('='));
  // -output for --output
  std::string nearest = nearest_word(word[1] == '-' ? name : "-" + name, known);
  if (nearest.empty() && word[1] != '-' && word.size() > 2)
    nearest = fmt::format("a value, as in --option={}", word);
  const std::string path = command.get_parent() ? " " + command_path(command) : "";
  fail(ErrorCode::usage, "unknown option {}{}{} {}ee sociometer{} --help", name,
       path.empty() ? "" : " of" + path, did_you_mean(nearest), nearest.empty() ? "s" : "S", path);
}

/// @param at  index of the word that must be a value.
void require_value(const CLI::App& command, const CLI::Option& option,
                   const std::vector<std::string>& words, size_t at) {
  const bool there = at < words.size();
  if (there && !is_known_option(command, words[at])) return;
  // sbatch has short options of the same names: "-t 30", "-q long".
  if (there && option.check_lname("slurm-args") && words[at] != option_name_in(words[at])) return;
  const int n = option.get_items_expected_min();
  fail(ErrorCode::usage, "{} needs {}{}; see sociometer {} --help", option.get_name(),
       n > 1 ? fmt::format("{} values", n) : "a value",
       there ? ", and is followed by " + words[at] : "", command_path(command));
}

std::vector<std::string> with_empty_values(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const auto& word : words) {
    const bool short_one = word.size() > 2 && word[0] == '-' && std::isalpha(word[1]) != 0;
    if (short_one && word[2] == '=') {
      out.insert(out.end(), {word.substr(0, 2), word.substr(3)});
    } else if (word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1) {
      out.insert(out.end(), {word.substr(0, word.size() - 1), ""});
    } else {
      out.push_back(word);
    }
  }
  return out;
}

}  // namespace

AskedCommand find_command(CLI::App& app, const std::vector<std::string>& words) {
  AskedCommand asked{&app, 0};
  while (asked.n_words < words.size()) {
    const std::string& word = words[asked.n_words];
    const auto inner = asked.command->get_subcommands([](const CLI::App*) { return true; });
    if (inner.empty() || word.empty() || word[0] == '-') break;
    const auto found = std::find_if(inner.begin(), inner.end(),
                                    [&](const CLI::App* sub) { return sub->check_name(word); });
    if (found == inner.end()) refuse_command(*asked.command, word);
    asked.command = *found;
    ++asked.n_words;
  }
  return asked;
}

std::vector<std::string> checked_words(const CLI::App& command,
                                       const std::vector<std::string>& given) {
  const std::vector<std::string> words = with_empty_values(given);
  std::set<const CLI::Option*> seen;
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (!is_option_word(words[i])) continue;
    const std::string name = option_name_in(words[i]);
    const CLI::Option* option = command.get_option_no_throw(name);
    if (!option) refuse_option(command, words[i]);
    if (!seen.insert(option).second && option->get_items_expected_max() == 1)
      fail(ErrorCode::usage, "{} is given twice and takes one value; leave out one of them",
           option->get_name());
    const bool apart = words[i] == name;
    for (int v = 0; apart && v < option->get_items_expected_min(); ++v, ++i)
      require_value(command, *option, words, i + 1);
  }
  return words;
}

std::vector<std::string> with_files_of_globs(const CLI::App& command,
                                             const std::vector<std::string>& words) {
  const auto takes_files = [](const CLI::Option* option) {
    return option && value_kind(*option).is_list && value_kind(*option).type == "FILE";
  };
  const auto arguments = positionals(command);
  const CLI::Option* option = arguments.empty() ? nullptr : arguments.front();
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const bool names = is_option_word(word);
    const std::string name = names ? option_name_in(word) : "";
    if (names) option = command.get_option_no_throw(name);
    if (!takes_files(option) || word == name || word == "--") {
      out.push_back(word);
    } else if (!names) {
      for (const auto& path : expand_globs({word})) out.push_back(path);
    } else {
      const bool equals = name.starts_with("--");
      const std::string start = word.substr(0, name.size() + (equals ? 1 : 0));
      for (const auto& path : expand_globs({word.substr(start.size())}))
        out.push_back(start + path);
    }
  }
  return out;
}

std::string readable_error(const CLI::App& command, const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const CLI::App* top = &command;
    while (top->get_parent()) top = top->get_parent();
    std::string words;
    for (const auto& word : top->remaining(true)) words += (words.empty() ? "" : ", ") + word;
    return fmt::format("unexpected argument {}: it belongs to no option",
                       words.empty() ? text : words);
  }
  const size_t equals = text.find(" = ");
  if (error.get_name() == "ConversionError" && equals != std::string::npos) {
    const std::string start = "Could not convert: ";
    const std::string name = text.substr(start.size(), equals - start.size());
    const CLI::Option* option = command.get_option_no_throw(name);
    const bool whole = option && value_kind(*option).type == "N";
    std::string value = text.substr(equals + 3);
    if (value.starts_with(" ")) value.erase(0, 1);  // of unsplit_arguments
    return fmt::format("{} is '{}'; it must be a {}number", name, value, whole ? "whole " : "");
  }
  const size_t range = text.find(": Value "), not_in = text.find(" not in range ");
  if (range == std::string::npos || not_in == std::string::npos) return text;
  const std::string name = text.substr(0, range);
  const CLI::Option* option = command.get_option_no_throw(name);
  const std::string value = text.substr(range + 8, not_in - range - 8);
  const std::string kind = option ? option->get_type_name() : "";
  std::string limits = text.substr(not_in + 14);
  if (kind.find("POSITIVE") != std::string::npos) limits = "positive";
  if (kind.find("NONNEGATIVE") != std::string::npos) limits = "0 or more";
  return fmt::format("{} is {}; it must be {}", name, value, limits);
}

}  // namespace sociometer::cli
