#include "engine/stats_models/variables.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer {
namespace {

double number_of(const std::string& text) {
  const char* first = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* last = text.data() + text.size();
  double number = 0;
  const auto [end, error] = std::from_chars(first, last, number);
  return error == std::errc() && end == last && std::isfinite(number) ? number : kMissing;
}

SparseVariable event_column(const EventTable& table, size_t column) {
  SparseVariable out;
  out.onset_s = table.onset_s;
  out.duration_s = table.duration_s;
  for (size_t row = 0; row < table.onset_s.size(); ++row) {
    out.values.push_back(event_value(table.columns[column][row]));
    out.rows.push_back(int(row));
  }
  return out;
}

}  // namespace

EventValue event_value(std::string text) {
  const std::string word = in_small_letters(text);
  if (word.empty() || word == "n/a" || word == "nan" || word == "na") return {};
  const double number = number_of(text);
  return {std::move(text), number};
}

EventValue event_value(double number) {
  if (std::isnan(number)) return {};
  return {fmt::format("{}", number == 0 ? 0.0 : number), number};
}

RunVariables::RunVariables(const std::optional<EventTable>& events,
                           const std::optional<NamedColumns>& confounds) {
  if (events) {
    source_ = events->source;
    lines_ = events->lines;
    rows_.onset_s = events->onset_s;
    rows_.duration_s = events->duration_s;
    for (size_t row = 0; row < events->onset_s.size(); ++row) {
      rows_.values.push_back(event_value(1.0));
      rows_.rows.push_back(int(row));
    }
    for (size_t j = 0; j < events->names.size(); ++j)
      set(events->names[j], event_column(*events, j));
  }
  if (!confounds) return;
  for (size_t j = 0; j < confounds->names.size(); ++j)
    if (!find(confounds->names[j]))
      set(confounds->names[j], DenseVariable{confounds->values.col(Eigen::Index(j))});
}

const Variable* RunVariables::find(const std::string& name) const {
  for (const auto& [known, variable] : variables_)
    if (known == name) return &variable;
  return nullptr;
}

Variable* RunVariables::find_to_change(const std::string& name) {
  return const_cast<Variable*>(find(name));
}

void RunVariables::set(const std::string& name, Variable variable) {
  for (auto& [known, old] : variables_)
    if (known == name) {
      old = std::move(variable);
      return;
    }
  variables_.emplace_back(name, std::move(variable));
}

void RunVariables::set_after(const std::string& earlier, const std::string& name,
                             Variable variable) {
  remove(name);
  const auto place = std::find_if(variables_.begin(), variables_.end(),
                                  [&](const auto& entry) { return entry.first == earlier; });
  require(place != variables_.end(), "the variable before is there");
  variables_.insert(place + 1, {name, std::move(variable)});
}

void RunVariables::remove(const std::string& name) {
  std::erase_if(variables_, [&](const auto& entry) { return entry.first == name; });
}

std::vector<std::string> RunVariables::names() const {
  std::vector<std::string> out;
  for (const auto& entry : variables_) out.push_back(entry.first);
  return out;
}

std::vector<std::string> RunVariables::matching(const std::string& pattern) const {
  if (find(pattern)) return {pattern};
  std::vector<std::string> out;
  if (!is_glob(pattern)) return out;
  for (const auto& entry : variables_)
    if (matches_glob(entry.first, pattern)) out.push_back(entry.first);
  return out;
}

std::string RunVariables::place_of(int row) const {
  const std::string table = source_.empty() ? "the events table" : source_;
  if (size_t(row) >= lines_.size()) return fmt::format("{}, row {}", table, row + 1);
  return fmt::format("{}, line {}", table, lines_[size_t(row)]);
}

std::string RunVariables::lines_of(const std::vector<int>& rows) const {
  constexpr size_t kMost = 10;
  std::string out = rows.size() == 1 ? "line " : "lines ";
  for (size_t i = 0; i < std::min(rows.size(), kMost); ++i) {
    const auto row = size_t(rows[i]);
    out += fmt::format("{}{}", i == 0 ? "" : ", ", row < lines_.size() ? lines_[row] : rows[i] + 2);
  }
  if (rows.size() > kMost) out += fmt::format(" and {} more", rows.size() - kMost);
  return out + " of " + (source_.empty() ? "the events table" : source_);
}

bool matches_glob(const std::string& name, const std::string& pattern) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

bool is_glob(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

}  // namespace sociometer
