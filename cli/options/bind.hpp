#pragma once
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/core/names.hpp"

/// Binds options directly to the fields of a request: words are converted to enumerations here, and
/// nowhere later.
namespace sociometer::cli {

/// Makes an option accept its words in any case.
CLI::Option* in_any_case(CLI::Option* option);

/// "--noise-model" is called "noise model" in messages.
std::string what_of(const std::string& option);

/// An option whose words name an enumeration; its default is the current value in the request.
template <Named E>
CLI::Option* add_choice(CLI::App& command, const std::string& name, E& target,
                        const std::string& help) {
  CLI::Option* option = command.add_option_function<std::string>(
      name,
      [&target, what = what_of(name)](const std::string& word) {
        target = value_of<E>(word, what.c_str());
      },
      help);
  option->default_str(name_of(target));
  return in_any_case(option);
}

/// The same for an optional field, which may stay unset.
template <Named E>
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::optional<E>& target,
                        const std::string& help) {
  return in_any_case(command.add_option_function<std::string>(
      name,
      [&target, what = what_of(name)](const std::string& word) {
        target = value_of<E>(word, what.c_str());
      },
      help));
}

/// A list of words of an enumeration.
template <Named E>
CLI::Option* add_choices(CLI::App& command, const std::string& name, std::vector<E>& target,
                         const std::string& help) {
  return in_any_case(command.add_option_function<std::vector<std::string>>(
      name,
      [&target, what = what_of(name)](const std::vector<std::string>& words) {
        target.clear();
        for (const auto& word : words) target.push_back(value_of<E>(word, what.c_str()));
      },
      help));
}

/// A number that the request leaves unset unless given; the help shows what applies then.
template <class T>
CLI::Option* add_open(CLI::App& command, const std::string& name, std::optional<T>& target,
                      T otherwise, const std::string& help) {
  return command.add_option(name, target, help)->default_str(fmt::format("{}", otherwise));
}

}  // namespace sociometer::cli
