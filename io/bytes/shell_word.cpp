#include "io/bytes/shell_word.hpp"

namespace sociometer {

std::string shell_word(const std::string& word) {
  constexpr const char* kInterpreted = " \t\n'\"\\$*?[](){}&;|<>`~#!";
  if (!word.empty() && word.find_first_of(kInterpreted) == std::string::npos) return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace sociometer
