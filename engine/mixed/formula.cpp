#include "engine/mixed/formula.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer {
namespace {

/// The terms of one side of a bar, or of all fixed effects.
struct TermList {
  std::vector<Interaction> terms;
  bool intercept = true;
};

bool same_variables(const Interaction& a, const Interaction& b) {
  return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

void add_term(std::vector<Interaction>& terms, const Interaction& term) {
  for (const auto& known : terms)
    if (same_variables(known, term)) return;
  terms.push_back(term);
}

/// The product of two terms: each variable once.
Interaction product_of(const Interaction& a, const Interaction& b) {
  Interaction out = a;
  for (const auto& name : b)
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

/// Recursive descent: sum > cross (*) > product (:) > name, number or parentheses.
class FormulaReader {
 public:
  explicit FormulaReader(const std::string& text) : text_(text) {}

  MixedFormula read() {
    MixedFormula out;
    out.response = name("the name of the response");
    expect("~");
    TermList fixed = sum(&out.random);
    if (at_ < text_.size()) refuse("cannot be read here");
    out.intercept = fixed.intercept;
    out.fixed = in_order(std::move(fixed.terms));
    for (auto& term : out.random) term.slopes = in_order(std::move(term.slopes));
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) {
    skip_blanks();
    fail(ErrorCode::usage, "formula '{}', character {} ('{}'): {}", shortened(text_), at_ + 1,
         at_ < text_.size() ? text_.substr(at_, 8) : "its end", why);
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool take(const std::string& word) {
    skip_blanks();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  void expect(const std::string& word) {
    if (!take(word)) refuse(fmt::format("'{}' is expected", word));
  }
  char next() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  static bool in_a_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  std::string name(const std::string& what) {
    std::string out;
    skip_blanks();
    const size_t start = at_;
    if (take("`")) {
      while (at_ < text_.size() && text_[at_] != '`') out += text_[at_++];
      if (at_ == text_.size()) refuse("a backquote is not closed");
      ++at_;
    } else {
      while (at_ < text_.size() && in_a_name(text_[at_])) out += text_[at_++];
    }
    if (out.empty()) refuse(what + " is expected");
    if (next() == '(') {
      at_ = start;
      refuse(
          fmt::format("functions are not part of a formula; make {}(..) a column of the table "
                      "and give its name",
                      out));
    }
    if (std::find(names_.begin(), names_.end(), out) == names_.end()) names_.push_back(out);
    return out;
  }

  /// Products multiply, and each term is compared with all others.
  void require_few(size_t n, size_t most, const char* what) {
    if (n > most) refuse(fmt::format("{} {} up to here; a formula has {} at most", n, what, most));
  }
  void require_few_terms(const std::vector<Interaction>& terms) {
    require_few(terms.size(), 500, "terms");
  }
  std::vector<Interaction> products_of(const std::vector<Interaction>& a,
                                       const std::vector<Interaction>& b) {
    std::vector<Interaction> out;
    for (const auto& x : a)
      for (const auto& y : b) {
        add_term(out, product_of(x, y));
        require_few(out.back().size(), 50, "variables in a term");
        require_few_terms(out);
      }
    return out;
  }

  /// @param random  gets terms with a bar; null inside of one.
  TermList sum(std::vector<RandomTerm>* random) {
    TermList out;
    bool adds = !take("-");
    take("+");
    do {
      summand(out, adds, random);
      adds = next() != '-';
    } while (take("+") || take("-"));
    return out;
  }

  void summand(TermList& out, bool adds, std::vector<RandomTerm>* random) {
    const char c = next();
    if (c == '0' || c == '1') {
      ++at_;
      if (in_a_name(next())) refuse("a name does not begin with a digit; use `backquotes`");
      out.intercept = (c == '1') == adds;
      return;
    }
    const size_t start = at_;
    if (random && c == '(' && is_random()) {
      if (!adds) refuse("a random term cannot be taken away");
      random_term(*random);
      return;
    }
    for (const auto& term : cross()) {
      if (adds) {
        add_term(out.terms, term);
        require_few_terms(out.terms);
        continue;
      }
      const auto same = [&](const Interaction& other) { return same_variables(term, other); };
      if (std::erase_if(out.terms, same) == 0) {
        at_ = start;
        refuse("this term is not in the formula and cannot be taken away");
      }
    }
  }

  std::vector<Interaction> cross() {
    std::vector<Interaction> out = colon();
    while (take("*")) {
      const std::vector<Interaction> right = colon();
      const std::vector<Interaction> both = products_of(out, right);
      for (const auto& term : right) add_term(out, term);
      for (const auto& term : both) add_term(out, term);
    }
    return out;
  }

  std::vector<Interaction> colon() {
    std::vector<Interaction> out = primary();
    while (take(":")) out = products_of(out, primary());
    return out;
  }

  std::vector<Interaction> primary() {
    if (!take("(")) return {{name("the name of a column")}};
    // Each level is several calls deep, and stacks end.
    constexpr int kDeepest = 100;
    if (++depth_ > kDeepest)
      refuse(fmt::format("parentheses are nested more than {} deep", kDeepest));
    TermList inner = sum(nullptr);
    --depth_;
    if (next() == '|') refuse("a random term stands by itself, between '+'");
    expect(")");
    if (!inner.intercept) refuse("0 and -1 do not belong into parentheses");
    return inner.terms;
  }

  /// Whether the parenthesis that opens here has a bar.
  bool is_random() const {
    int depth = 0;
    for (size_t i = at_; i < text_.size(); ++i) {
      if (text_[i] == '(') ++depth;
      if (text_[i] == ')' && --depth == 0) return false;
      if (text_[i] == '|' && depth == 1) return true;
    }
    return false;
  }

  void random_term(std::vector<RandomTerm>& out) {
    expect("(");
    TermList effects = sum(nullptr);
    const bool correlated = !take("||");
    if (correlated) expect("|");
    for (const auto& grouping : groupings()) {
      require_few(out.size() + (correlated ? 1 : 1 + effects.terms.size()), 500, "random terms");
      if (correlated) {
        out.push_back({effects.intercept, effects.terms, grouping});
        continue;
      }
      if (effects.intercept) out.push_back({true, {}, grouping});
      for (const auto& slope : effects.terms) out.push_back({false, {slope}, grouping});
    }
    expect(")");
    if (!effects.intercept && effects.terms.empty()) refuse("a random term without an effect");
  }

  std::vector<std::vector<std::string>> groupings() {
    std::vector<std::vector<std::string>> out{{name("a grouping factor")}};
    while (next() == ':' || next() == '/') {
      const bool nested = take("/");
      if (!nested) take(":");
      std::vector<std::string> inner = out.back();
      inner.push_back(name("a grouping factor"));
      require_few(inner.size(), 20, "grouping factors in a term");
      if (nested)
        out.push_back(inner);
      else
        out.back() = inner;
    }
    return out;
  }

  /// Variables of a term by their first appearance, terms by their number of variables.
  std::vector<Interaction> in_order(std::vector<Interaction> terms) const {
    const auto rank = [&](const std::string& n) {
      return std::find(names_.begin(), names_.end(), n) - names_.begin();
    };
    for (auto& term : terms)
      std::sort(term.begin(), term.end(),
                [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    std::stable_sort(terms.begin(), terms.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return terms;
  }

  const std::string& text_;
  size_t at_ = 0;
  int depth_ = 0;  ///< of parentheses
  std::vector<std::string> names_;
};

std::string in_a_formula(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  });
  return plain ? name : "`" + name + "`";
}

std::string written_out(bool intercept, const std::vector<Interaction>& terms) {
  std::vector<std::string> words{intercept ? "1" : "0"};
  for (const auto& term : terms) {
    std::vector<std::string> names;
    for (const auto& name : term) names.push_back(in_a_formula(name));
    words.push_back(fmt::format("{}", fmt::join(names, ":")));
  }
  return fmt::format("{}", fmt::join(words, " + "));
}

}  // namespace

MixedFormula parse_mixed_formula(const std::string& text) {
  MixedFormula out = FormulaReader(text).read();
  if (!out.intercept && out.fixed.empty())
    fail(ErrorCode::usage, "formula '{}': there is no fixed effect; leave the intercept", text);
  for (const auto& term : out.fixed)
    if (std::find(term.begin(), term.end(), out.response) != term.end())
      fail(ErrorCode::usage, "formula '{}': the response '{}' cannot be a predictor", text,
           out.response);
  return out;
}

std::vector<std::string> variables_of(const MixedFormula& formula) {
  std::vector<std::string> out{formula.response};
  const auto add = [&](const std::vector<std::string>& names) {
    for (const auto& name : names)
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  };
  for (const auto& term : formula.fixed) add(term);
  for (const auto& term : formula.random) {
    for (const auto& slope : term.slopes) add(slope);
    add(term.grouping);
  }
  return out;
}

std::string name_of_term(const Interaction& interaction) {
  return interaction.empty() ? "intercept" : fmt::format("{}", fmt::join(interaction, ":"));
}

std::string to_string(const MixedFormula& formula) {
  std::string out =
      in_a_formula(formula.response) + " ~ " + written_out(formula.intercept, formula.fixed);
  for (const auto& term : formula.random) {
    std::vector<std::string> grouping;
    for (const auto& name : term.grouping) grouping.push_back(in_a_formula(name));
    out += fmt::format(" + ({} | {})", written_out(term.intercept, term.slopes),
                       fmt::join(grouping, ":"));
  }
  return out;
}

}  // namespace sociometer
