#include "cli/jobs/forecast.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/core/memory.hpp"
#include "engine/core/printable.hpp"

namespace sociometer::jobs {

void Forecast::add(std::string name, std::string text) {
  rows_.emplace_back(std::move(name), std::move(text));
}

void Forecast::add_memory(double bytes, double limit, const std::string& how) {
  add("peak memory",
      fmt::format("about {}{}{}", memory_text(bytes), how.empty() ? "" : ", " + how,
                  limit > 0 ? fmt::format(" (--memory {})", memory_text(limit)) : ""));
}

JobSummary Forecast::summary(const std::string& folder, std::vector<std::string> failures) const {
  std::string text = title_ + "\n";
  size_t widest = 0;
  for (const auto& [name, row] : rows_) widest = std::max(widest, name.size());
  for (const auto& [name, row] : rows_)
    text += printable(fmt::format("  {:<{}}  {}", name, widest, row)) + "\n";
  if (!outputs_.empty())
    text += printable(fmt::format("  outputs in {}: {}", folder, outputs_.size())) + "\n";
  for (const auto& name : outputs_) text += "    " + printable(name) + "\n";
  return {std::move(failures), std::move(text)};
}

}  // namespace sociometer::jobs
