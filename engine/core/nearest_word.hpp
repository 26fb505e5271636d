#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// The known word that was probably meant: the one with the fewest letters added, left out, changed
/// or swapped, in any case, or the only one that begins so. Empty when none is near.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

}  // namespace sociometer
