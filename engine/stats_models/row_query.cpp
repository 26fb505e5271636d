#include <cmath>

#include "engine/core/error.hpp"
#include "engine/stats_models/instruction.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {
namespace {

using Comparison = RowQuery::Comparison;

struct Operator {
  const char* word;
  Comparison comparison;
};
/// Longer operators first, so that <= is not read as <.
constexpr Operator kOperators[] = {
    {"==", Comparison::equal},      {"!=", Comparison::unequal},       {"~=", Comparison::unequal},
    {"<=", Comparison::less_equal}, {">=", Comparison::greater_equal}, {"<", Comparison::less},
    {">", Comparison::greater}};

std::string stripped(const std::string& text, const char* characters) {
  const size_t first = text.find_first_not_of(characters);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

std::string without_quotes(const std::string& text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '\'' || text.front() == '"' || text.front() == '`');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

RowQuery parse_row_query(const std::string& text) {
  const auto refuse = [&] {
    fail(ErrorCode::bad_input,
         "query '{}': expected COLUMN OPERATOR VALUE with one of == != < <= > >=", text);
  };
  size_t at = std::string::npos;
  const Operator* found = nullptr;
  for (const Operator& candidate : kOperators) {
    const size_t place = text.find(candidate.word);
    if (place < at) at = place, found = &candidate;
  }
  if (!found) refuse();
  RowQuery query;
  query.comparison = found->comparison;
  query.column = without_quotes(stripped(text.substr(0, at), " \t"));
  const std::string right = stripped(text.substr(at + std::string(found->word).size()), " \t");
  query.text = without_quotes(right);
  const bool two = right.find_first_of("=<>&|") != std::string::npos ||
                   right.find(" and ") != std::string::npos ||
                   right.find(" or ") != std::string::npos;
  if (query.column.empty() || right.empty() || (two && right == query.text)) refuse();
  if (right == query.text)
    if (const EventValue value = event_value(right); !std::isnan(value.number))
      query.number = value.number;
  const bool orders =
      query.comparison != Comparison::equal && query.comparison != Comparison::unequal;
  if (orders && !query.number)
    fail(ErrorCode::bad_input, "query '{}': '{}' is not a number", text, query.text);
  return query;
}

}  // namespace sociometer
