#include "io/tables/censoring.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

bool compares(const CensorRule& rule, double value) {
  const double t = rule.threshold;
  switch (rule.comparison) {
    case CensorComparison::at_least:
      return value >= t;
    case CensorComparison::at_most:
      return value <= t;
    case CensorComparison::equal:
      return value == t;
    case CensorComparison::not_equal:
      return value != t;
    case CensorComparison::above:
      return value > t;
    case CensorComparison::below:
      return value < t;
  }
  throw std::logic_error("a comparison without a meaning");
}

double threshold_in(const std::string& text, const std::string& part) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    fail(ErrorCode::usage,
         "--censor '{}': '{}' is not a number; write a column, or COLUMN>NUMBER, several of them "
         "separated by commas",
         part, text);
  return value;
}

CensorRule parse_rule(const std::string& part) {
  for (const auto& comparison : names_of(std::type_identity<CensorComparison>{})) {
    const std::string word = comparison.word;
    const size_t at = part.find(word);
    if (at == std::string::npos) continue;
    CensorRule rule{unpadded(part.substr(0, at)), comparison.value,
                    threshold_in(unpadded(part.substr(at + word.size())), part)};
    if (rule.glob.empty())
      fail(ErrorCode::usage, "--censor '{}' names no column before '{}'", part, word);
    return rule;
  }
  if (part.empty() || part.find('=') != std::string::npos)
    fail(ErrorCode::usage,
         "--censor has a part '{}'; write a column (nonzero = out) or COLUMN>NUMBER", part);
  return {part};
}

/// Censors by one column; missing values are accepted in the first rows only.
/// @return the number of missing values.
int censor_by(const Table& table, size_t column, const CensorRule& rule,
              std::vector<uint8_t>& kept) {
  int missing = 0;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const double value = number_in(table, row, int(column));
    if (!std::isnan(value)) {
      if (compares(rule, value)) kept[row] = 0;
      continue;
    }
    if (size_t(missing) != row)
      fail(ErrorCode::bad_input,
           "{} line {}, column '{}' is missing: whether this scan is censored is not known (only "
           "the first rows may be missing; they are kept)",
           table.path, table.line_numbers[row], table.names[column]);
    ++missing;
  }
  if (missing > 0 && missing == int(table.rows.size()))
    fail(ErrorCode::bad_input, "{} column '{}' holds no value at all", table.path,
         table.names[column]);
  return missing;
}

/// Words separated by commas or blanks; an empty word between two commas is retained.
std::vector<std::string> scan_words(const std::string& list) {
  std::vector<std::string> out;
  for (const auto& part : split_list(list)) {
    std::istringstream words(part);
    const size_t before = out.size();
    for (std::string word; words >> word;) out.push_back(word);
    if (out.size() == before) out.push_back("");
  }
  return out;
}

}  // namespace

std::vector<CensorRule> parse_censor_rules(const std::string& text) {
  std::vector<CensorRule> rules;
  for (const auto& part : split_list(text)) rules.push_back(parse_rule(unpadded(part)));
  return rules;
}

bool is_scan_list(const std::string& text) {
  return text.find_first_not_of("0123456789,- ") == std::string::npos;
}

std::vector<uint8_t> read_censor_columns(const Table& table, const std::vector<CensorRule>& rules,
                                         Eigen::Index n_scans, Warnings& notes) {
  const std::string& path = table.path;
  if (Eigen::Index(table.rows.size()) != n_scans)
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path, table.rows.size(),
         n_scans);
  std::vector<uint8_t> kept(size_t(n_scans), 1);
  for (const auto& rule : rules)
    for (size_t column : matching_columns(table, {rule.glob}, {}))
      if (const int missing = censor_by(table, column, rule, kept))
        notes.push_back(
            fmt::format("{}: the first {} value(s) of '{}' are missing; these scans "
                        "are not censored by it",
                        path, missing, table.names[column]));
  return kept;
}

std::vector<uint8_t> parse_censor_list(const std::string& list, Eigen::Index n_scans) {
  std::vector<uint8_t> kept(size_t(n_scans), 1);
  for (const std::string& part : scan_words(list)) {
    long first = 0, last = 0;
    int used = 0;
    const int n = std::sscanf(part.c_str(), "%ld%n-%ld%n", &first, &used, &last, &used);
    if (n == 1) last = first;
    if (n < 1 || size_t(used) != part.size() || last < first || first < 0)
      fail(ErrorCode::usage, "censor list '{}': expected scans counted from 0, like 3,7,12-15",
           list);
    if (last >= n_scans)
      fail(ErrorCode::bad_input, "censor list '{}' names scan {}, the run has {} scans (0 to {})",
           list, last, n_scans, n_scans - 1);
    for (long scan = first; scan <= last; ++scan) kept[size_t(scan)] = 0;
  }
  return kept;
}

std::vector<uint8_t> widened(const std::vector<uint8_t>& kept, long before, long after) {
  std::vector<uint8_t> out = kept;
  const long n = long(kept.size());
  for (long t = 0; t < n; ++t) {
    if (kept[size_t(t)]) continue;
    const long first = std::max(0L, t - std::min(before, n)),
               last = std::min(n - 1, t + std::min(after, n));
    std::fill(out.begin() + first, out.begin() + last + 1, uint8_t(0));
  }
  return out;
}

}  // namespace sociometer
