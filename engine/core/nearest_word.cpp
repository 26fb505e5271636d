#include "engine/core/nearest_word.hpp"

#include <algorithm>
#include <cctype>

namespace sociometer {
namespace {

/// What is compared: small letters, with hyphens for underscores.
std::string normal_form(const std::string& word) {
  std::string out;
  for (char c : word) out += c == '_' ? '-' : char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Letters added, left out, changed, or two neighbours swapped (optimal string alignment).
size_t edits_between(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  const std::string normal = normal_form(word);
  const size_t letters = normal.size() - std::min(normal.find_first_not_of('-'), normal.size());
  std::string best;
  size_t fewest = std::max<size_t>(1, letters / 3) + 1;
  for (const auto& name : known) {
    if (name.size() < 3) continue;
    const size_t edits = edits_between(normal, normal_form(name));
    if (edits < fewest) {
      fewest = edits;
      best = name;
    }
  }
  if (!best.empty() || letters < 3) return best;
  const auto begins = [&](const std::string& name) {
    return normal_form(name).starts_with(normal);
  };
  const auto first = std::find_if(known.begin(), known.end(), begins);
  return first == known.end() ? "" : *first;
}

}  // namespace sociometer
