#include "cli/options/quantity_options.hpp"

#include <cctype>
#include <set>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace sociometer::cli {
namespace {

/// What the engine's errors call a quantity, and the option that sets it.
struct QuantityOption {
  const char *words, *option;
};

constexpr QuantityOption kQuantities[] = {
    {"the memory limit", "--memory"},
    {"give an F contrast", "--f-contrast"},
    {"another noise model", "--noise-model"},
    {"the noise model", "--noise-model"},
    {"the repetition time", "--tr"},
    {"the oversampling", "--oversampling"},
    {"the microtime resolution", "--microtime"},
    {"the HRF grid", "--hrf-grid"},
    {"the HRF", "--hrf"},
    {"an event height", "--event-height"},
    {"the high-pass cutoff", "--high-pass"},
    {"the drift order", "--drift-order"},
    {"the trial types", "--trial-types"},
    {"the Tukey lags", "--tukey-lags"},
    {"the run starts", "--run-starts"},
    {"the shrinkage", "--shrinkage"},
    {"use the scaling", "--scaling"},
    {"the mask is files", "--mask"},
    {"another way of exchange", "--exchange"},
    {"the variance between participants", "--between-variance"},
    {"as the units", "--units"},
    {"choose the statistic", "--statistic"},
    {"choose the session", "--session"},
    {"column a factor", "--factor"},
    {"the reference", "--reference"},
    {"standardise the columns", "--zscore"},
    {"join by", "--join-by"},
    {"the family", "--family"}};

bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

/// Where words stand in a text, but not as a part of other words; npos if nowhere.
size_t find_words(const std::string& text, std::string_view words) {
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const size_t end = at + words.size();
    if ((at == 0 || !is_of_word(text[at - 1])) && (end == text.size() || !is_of_word(text[end])))
      return at;
  }
  return std::string::npos;
}

}  // namespace

std::string with_options_named(const std::string& message, const CLI::App& command) {
  std::string out = message;
  // Of two quantities where one's words begin with the other's ("the HRF grid", "the HRF"), the
  // first of the table has them.
  std::set<size_t> named;
  for (const auto& [words, option] : kQuantities) {
    const size_t at = find_words(message, words);
    if (at == std::string::npos || named.contains(at) ||
        find_words(out, option) != std::string::npos || !command.get_option_no_throw(option))
      continue;
    named.insert(at);
    out.insert(find_words(out, words) + std::string_view(words).size(),
               fmt::format(" ({})", option));
  }
  return out;
}

}  // namespace sociometer::cli
