#pragma once
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The kind of an option's value, for help, man pages and completion.
struct ValueKind {
  std::string type;                  ///< FILE, DIR, NUMBER, N, TEXT ..; empty for flags
  std::vector<std::string> choices;  ///< allowed words; empty if unrestricted
  bool is_list = false;              ///< takes several values
};

/// Puts each option of each command in its group of the help (Input, Design, Output ..) and sets
/// the type of its value. Words from a list may then be written in any case.
void describe_options(CLI::App& app);

/// A word spelled like the choices, if it matches one ignoring case; else unchanged.
std::string in_case_of(const std::vector<std::string>& choices, const std::string& word);

ValueKind value_kind(const CLI::Option& option);

/// Commands that run something, including those of `roi`, in order of declaration.
/// @param hidden  include those that help does not list.
std::vector<const CLI::App*> all_commands(const CLI::App& app, bool hidden = false);

/// "roi test".
std::string command_path(const CLI::App& command);

/// Names as typed, short ones first: "-o", "--output".
std::vector<std::string> option_names(const CLI::Option& option);

/// Options in the order of their groups, without positional ones.
struct OptionGroup {
  std::string name;
  std::vector<const CLI::Option*> options;
};
std::vector<OptionGroup> option_groups(const CLI::App& command);
std::vector<const CLI::Option*> positionals(const CLI::App& command);

}  // namespace sociometer::cli
