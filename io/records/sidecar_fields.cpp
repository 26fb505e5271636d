#include "io/records/sidecar_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sociometer {

std::string settings_text(const SidecarFields& fields) {
  std::vector<std::string> words;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) words.push_back(fmt::format("{} {}", name, *value));
  };
  add("method", fields.method);
  add("amplitude", fields.amplitude);
  add("noise model", fields.noise_model);
  add("scaling", fields.scaling);
  if (fields.smoothing_fwhm_mm)
    words.push_back(fmt::format("smoothing {} mm", fmt::join(*fields.smoothing_fwhm_mm, " x ")));
  if (fields.design) add("HRF", fields.design->hrf);
  if (fields.contrast && fields.contrast->expressions)
    words.push_back(fmt::format("contrast {}", fmt::join(*fields.contrast->expressions, "; ")));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace sociometer
