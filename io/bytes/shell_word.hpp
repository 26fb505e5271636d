#pragma once
#include <string>

namespace sociometer {

/// A word as a shell takes it: quoted if it is empty or has anything that a shell interprets.
std::string shell_word(const std::string& word);

}  // namespace sociometer
