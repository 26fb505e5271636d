#include "cli/options/bind.hpp"

#include <algorithm>
#include <cctype>

namespace sociometer::cli {

CLI::Option* in_any_case(CLI::Option* option) {
  return option->transform([](std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return word;
  });
}

std::string what_of(const std::string& option) {
  std::string what = option.substr(option.find_last_of(',') + 1);
  what.erase(0, what.find_first_not_of('-'));
  std::replace(what.begin(), what.end(), '-', ' ');
  return what;
}

}  // namespace sociometer::cli
