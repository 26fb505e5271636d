#include "io/tables/toml_values.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr const char* kBareKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// Whether a value is a TOML number or boolean in plain form.
bool is_plain_toml(const std::string& value) {
  static const std::regex plain(
      "true|false|[+-]?(inf|nan)|[+-]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  return value.size() < 64 && std::regex_match(value, plain);
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += {char(0xc0 | code >> 6), char(0x80 | (code & 0x3f))};
  } else if (code < 0x10000) {
    out += {char(0xe0 | code >> 12), char(0x80 | (code >> 6 & 0x3f)), char(0x80 | (code & 0x3f))};
  } else {
    out += {char(0xf0 | code >> 18), char(0x80 | (code >> 12 & 0x3f)),
            char(0x80 | (code >> 6 & 0x3f)), char(0x80 | (code & 0x3f))};
  }
}

/// Parses a TOML file statement by statement.
class TomlReader {
 public:
  TomlReader(const std::string& text, const std::string& path) : text_(text), path_(path) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  std::vector<TomlValue> read_all() {
    for (skip_blank(true); !at_end(); skip_blank(true)) {
      if (peek() == '[')
        read_table();
      else
        read_pair();
      skip_blank(false);
      if (!at_end() && peek() != '\n') refuse("what follows the value");
    }
    return std::move(out_);
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorCode::bad_input,
         "{}, line {}: cannot read {}; lines are KEY = VALUE, with strings in quotes and lists in "
         "brackets",
         path_, line_, what);
  }

  /// Skips blanks and comments; with `over_lines` also line ends.
  void skip_blank(bool over_lines) {
    while (!at_end()) {
      const char c = peek();
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '\n' && over_lines) {
        ++line_;
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string read_key_part() {
    skip_blank(false);
    if (peek() == '"' || peek() == '\'') return read_string();
    const size_t end = std::min(text_.find_first_not_of(kBareKey, at_), text_.size());
    if (end == at_) refuse("the key");
    const std::string key = text_.substr(at_, end - at_);
    at_ = end;
    skip_blank(false);
    return key;
  }

  std::string read_key() {
    std::string key = read_key_part();
    for (skip_blank(false); peek() == '.'; skip_blank(false)) {
      ++at_;
      key += "." + read_key_part();
    }
    return key;
  }

  void read_table() {
    ++at_;
    if (peek() == '[') refuse("a list of tables");
    table_ = read_key();
    if (peek() != ']') refuse("the name of the table");
    ++at_;
  }

  void read_pair() {
    TomlValue pair;
    pair.table = table_;
    pair.line = line_;
    pair.key = read_key();
    if (peek() != '=') refuse("'" + pair.key + "': no = follows");
    ++at_;
    skip_blank(false);
    if (peek() == '[')
      read_list(pair);
    else
      pair.values.push_back(read_value());
    for (const TomlValue& other : out_)
      if (other.table == pair.table && other.key == pair.key)
        fail(ErrorCode::bad_input, "{}: '{}' is there twice, in lines {} and {}", path_, pair.key,
             other.line, pair.line);
    out_.push_back(std::move(pair));
  }

  void read_list(TomlValue& pair) {
    pair.is_list = true;
    ++at_;
    for (skip_blank(true); peek() != ']'; skip_blank(true)) {
      pair.values.push_back(read_value());
      skip_blank(true);
      if (peek() == ',')
        ++at_;
      else if (peek() != ']')
        refuse("the list of '" + pair.key + "'");
    }
    ++at_;
  }

  std::string read_value() {
    if (peek() == '"' || peek() == '\'') return read_string();
    const size_t end = std::min(text_.find_first_of(" \t\r\n,]#", at_), text_.size());
    const std::string value = text_.substr(at_, end - at_);
    // A number may also have a leading + or zeros; the option decides what they mean.
    if (value.empty() ||
        (!is_plain_toml(value) && value.find_first_not_of("0123456789+-.eE") != std::string::npos))
      refuse(value.empty() ? "the value" : "'" + value + "', which is no number");
    at_ = end;
    return value;
  }

  std::string read_string() {
    const char quote = peek();
    if (text_.compare(at_, 3, std::string(3, quote)) == 0) refuse("a string of several lines");
    std::string out;
    for (++at_; peek() != quote; ++at_) {
      if (at_end() || peek() == '\n') refuse("a string whose closing quote is missing");
      if (quote == '"' && peek() == '\\')
        read_escape(out);
      else
        out += peek();
    }
    ++at_;
    return out;
  }

  void read_escape(std::string& out) {
    static const std::string letters = "btnfr\"\\", meant = "\b\t\n\f\r\"\\";
    ++at_;
    const size_t which = letters.find(peek());
    if (!at_end() && which != std::string::npos) {
      out += meant[which];
      return;
    }
    const size_t digits = peek() == 'u' ? 4 : peek() == 'U' ? 8 : 0;
    const std::string hex = text_.substr(std::min(at_ + 1, text_.size()), digits);
    if (digits == 0 || hex.size() != digits ||
        hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      refuse("an escape after a backslash; paths and expressions are plain in single quotes");
    append_utf8(out, uint32_t(std::stoul(hex, nullptr, 16)));
    at_ += digits;
  }

  const std::string& text_;
  const std::string& path_;
  std::string table_;
  std::vector<TomlValue> out_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<TomlValue> parse_toml(const std::string& text, const std::string& path) {
  return TomlReader(text, path).read_all();
}

std::string to_toml(const std::string& value) {
  if (is_plain_toml(value)) return value;
  std::string out = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string to_toml(const std::vector<std::string>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size(); ++i) out += (i > 0 ? ", " : "") + to_toml(values[i]);
  return out + "]";
}

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && key.find_first_not_of(kBareKey) == std::string::npos;
  if (bare) return key;
  const std::string text = to_toml(key);
  return text.front() == '"' ? text : "\"" + text + "\"";
}

}  // namespace sociometer
