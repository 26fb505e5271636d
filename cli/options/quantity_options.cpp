#include "cli/options/quantity_options.hpp"

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

}  // namespace

std::string with_options_named(const std::string& message, const CLI::App& command) {
  std::string out = message;
  for (const auto& [words, option] : kQuantities) {
    const size_t at = out.find(words);
    if (at == std::string::npos || out.find(option) != std::string::npos ||
        !command.get_option_no_throw(option))
      continue;
    out.insert(at + std::string(words).size(), fmt::format(" ({})", option));
  }
  return out;
}

}  // namespace sociometer::cli
