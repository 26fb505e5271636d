#include "engine/design/contrast.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }
bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string trimmed(const std::string& text) {
  const auto first = std::find_if_not(text.begin(), text.end(), is_space);
  const auto last = std::find_if_not(text.rbegin(), text.rend(), is_space).base();
  return first < last ? std::string(first, last) : std::string();
}

/// A value is a number or a vector of weights; the product of two vectors is an error.
struct Value {
  double number = 0;
  Eigen::VectorXd weights;
  bool is_vector = false;
};

class Parser {
 public:
  Parser(const std::string& text, const std::vector<std::string>& columns,
         const std::vector<std::string>& known, const std::vector<std::string>& reference)
      : text_(text), columns_(columns), known_(known), reference_(reference) {}

  ContrastRow parse() {
    const Value value = peek() == '[' ? list() : comparison();
    if (peek() != '\0') bad("unexpected '" + text_.substr(at_) + "'");
    if (!value.is_vector) bad("it names no column; weights stand in brackets, as in [1, -1]");
    return {value.weights, missing_};
  }

 private:
  [[noreturn]] void bad(const std::string& why) const {
    fail(ErrorCode::usage, "contrast '{}': {}", shortened(text_), why);
  }
  char peek() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  Value zero() const { return {0, Eigen::VectorXd::Zero(Eigen::Index(columns_.size())), true}; }

  Value list() {
    ++at_;
    Value value = zero();
    size_t n = 0;
    while (peek() != ']') {
      if (peek() == ',') ++at_;
      double sign = 1;
      if (peek() == '-' || peek() == '+') sign = text_[at_++] == '-' ? -1 : 1;
      peek();
      const double number = sign * parse_number();
      if (n >= reference_.size())
        bad(fmt::format("it has more weights than the first run's design has columns ({})",
                        reference_.size()));
      // A position refers to the first run's column; in other runs it may be elsewhere or absent.
      if (number != 0) value.weights += number * column(reference_[n]).weights;
      ++n;
      if (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != ']')
        bad("expected a comma, a blank or ']' in the list of weights");
      if (peek() == '\0') bad("a ']' is missing after the list of weights");
    }
    ++at_;
    if (n == 0) bad("the list of weights is empty");
    return value;
  }

  /// "a > b" is the contrast a - b, written like the hypothesis; "a < b" is b - a.
  Value comparison() {
    Value left = sum();
    const char sign = peek();
    if (sign != '>' && sign != '<') return left;
    ++at_;
    const Value right = sum();
    if (!left.is_vector || !right.is_vector) bad("a column cannot be compared with a number");
    left.weights -= right.weights;
    if (sign == '<') left.weights = -left.weights;
    if (peek() == '>' || peek() == '<') bad("one comparison is all that a contrast can hold");
    return left;
  }

  Value sum() {
    Value left = product();
    while (peek() == '+' || peek() == '-') {
      const double sign = text_[at_++] == '-' ? -1 : 1;
      const Value right = product();
      if (left.is_vector != right.is_vector) bad("a number cannot be added to a column");
      if (left.is_vector)
        left.weights += sign * right.weights;
      else
        left.number += sign * right.number;
    }
    return left;
  }

  Value product() {
    Value left = factor();
    while (peek() == '*' || peek() == '/') {
      const bool divide = text_[at_++] == '/';
      Value right = factor();
      if (right.is_vector && (left.is_vector || divide))
        bad(divide ? "columns cannot be divided by"
                   : "columns cannot be multiplied with each other");
      if (divide && right.number == 0) bad("division by zero");
      if (right.is_vector) std::swap(left, right);
      const double by = divide ? 1 / right.number : right.number;
      if (left.is_vector)
        left.weights *= by;
      else
        left.number *= by;
    }
    return left;
  }

  /// What a sign or a parenthesis holds: each level is several calls deep, and stacks end.
  template <class Inner>
  Value nested(const Inner& inner) {
    constexpr int kDeepest = 100;
    if (depth_ == kDeepest)
      bad(fmt::format("signs and parentheses are nested more than {} deep", kDeepest));
    ++at_;
    ++depth_;
    Value value = inner();
    --depth_;
    return value;
  }

  Value factor() {
    const char c = peek();
    if (c == '-' || c == '+') {
      Value value = nested([&] { return factor(); });
      if (c == '-') value.number = -value.number, value.weights = -value.weights;
      return value;
    }
    if (c == '(')
      return nested([&] {
        Value value = sum();
        if (peek() != ')') bad("a ')' is missing");
        ++at_;
        return value;
      });
    if (c == '\'' || c == '`') return quoted_name(c);
    if (c == '\0') bad("it ends where a column or a number is expected");
    const std::string name = longest_name();
    if (!name.empty()) return column(name);
    if (const std::string label = only_label(); !label.empty()) return column(label);
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return {parse_number(), {}, false};
    unknown();
  }

  double parse_number() {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc() || !std::isfinite(number))
      bad("expected a number at '" + shortened(text_.substr(at_)) + "'");
    at_ = size_t(end - text_.data());
    return number;
  }

  Value quoted_name(char quote) {
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos) bad("a closing quote is missing");
    const std::string name = text_.substr(at_ + 1, end - at_ - 1);
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) report_unknown(name);
    at_ = end + 1;
    return column(name);
  }

  /// The longest known name that starts here and does not end within a longer word.
  std::string longest_name() {
    std::string best;
    for (const auto& name : known_) {
      if (name.size() <= best.size() || text_.compare(at_, name.size(), name) != 0) continue;
      const size_t after = at_ + name.size();
      if (after < text_.size() && is_name_character(text_[after]) && is_name_character(name.back()))
        continue;
      best = name;
    }
    at_ += best.size();
    return best;
  }

  /// AFNI numbers the columns of a stimulus from A#0; if there is only one, A alone refers to it.
  std::string only_label() {
    static const std::string kFirst = "#0";
    std::string best;
    for (const auto& name : known_) {
      if (!name.ends_with(kFirst)) continue;
      const std::string stem = name.substr(0, name.size() - kFirst.size());
      const bool several = std::find(known_.begin(), known_.end(), stem + "#1") != known_.end();
      const size_t after = at_ + stem.size();
      if (several || stem.empty() || name.size() <= best.size() ||
          text_.compare(at_, stem.size(), stem) != 0 ||
          (after < text_.size() && is_name_character(text_[after])))
        continue;
      best = name;
    }
    if (!best.empty()) at_ += best.size() - kFirst.size();
    return best;
  }

  Value column(const std::string& name) {
    Value value = zero();
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end())
      missing_.push_back(name);
    else
      value.weights[found - columns_.begin()] = 1;
    return value;
  }

  [[noreturn]] void unknown() {
    size_t end = at_;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    report_unknown(text_.substr(at_, std::max<size_t>(end - at_, 1)));
  }
  [[noreturn]] void report_unknown(const std::string& name) const {
    std::string list;
    for (const auto& k : known_) list += (list.empty() ? "" : ", ") + k;
    fail(ErrorCode::bad_input, "contrast '{}' names '{}', which no design has; columns: {}",
         shortened(text_), shortened(name), list);
  }

  const std::string& text_;
  const std::vector<std::string>& columns_;
  const std::vector<std::string>& known_;
  const std::vector<std::string>& reference_;
  std::vector<std::string> missing_;
  size_t at_ = 0;
  int depth_ = 0;  ///< of signs and parentheses
};

std::vector<std::string> split_rows(const std::string& text) {
  std::vector<std::string> rows;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end = std::min(text.find(';', start), text.size());
    const std::string row = trimmed(text.substr(start, end - start));
    if (!row.empty()) rows.push_back(row);
    start = end + 1;
  }
  return rows;
}

}  // namespace

std::string camel_case(const std::string& text) {
  // In a list of weights keep numbers separate: [1 0 -1] and [10 -1], [1.5] and [15].
  const bool weights = trimmed(text).starts_with('[');
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::string spelled;
  for (char c : text) {
    if (c == '+')
      spelled += " plus ";
    else if (c == '-')
      spelled += " minus ";
    else if (c == '>')
      spelled += " gt ";
    else if (c == '<')
      spelled += " lt ";
    else if (c == '.' && weights)
      spelled += 'p';
    else
      spelled += std::isalnum(static_cast<unsigned char>(c)) ? c : ' ';
  }
  std::string out;
  bool word_start = false;
  for (char c : trimmed(spelled)) {
    if (c == ' ') {
      word_start = true;
      continue;
    }
    if (weights && word_start && is_digit(c) && !out.empty() && is_digit(out.back())) out += 'x';
    out += word_start ? char(std::toupper(static_cast<unsigned char>(c))) : c;
    word_start = false;
  }
  return out;
}

ContrastSpec parse_contrast(const std::string& text, ContrastKind kind) {
  const auto equals = text.find('=');
  ContrastSpec spec;
  spec.kind = kind;
  const std::string expression = equals == std::string::npos ? text : text.substr(equals + 1);
  spec.name = camel_case(equals == std::string::npos ? text : text.substr(0, equals));
  if (kind == ContrastKind::t) {
    spec.rows = {trimmed(expression)};
    if (spec.rows[0].empty()) spec.rows.clear();
  } else {
    spec.rows = split_rows(expression);
  }
  if (spec.rows.empty())
    fail(ErrorCode::usage, "contrast '{}' has no expression; write NAME=EXPRESSION", text);
  if (spec.name.empty())
    fail(ErrorCode::usage, "contrast '{}' has no letter or digit in its name", text);
  return spec;
}

ContrastRow contrast_weights(const std::string& expression, const std::vector<std::string>& columns,
                             const std::vector<std::string>& known,
                             const std::vector<std::string>& reference) {
  return Parser(expression, columns, known, reference).parse();
}

}  // namespace sociometer
