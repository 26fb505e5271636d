#include "io/tables/json_object.hpp"

#include <algorithm>
#include <cctype>

#include "engine/core/error.hpp"
#include "io/bytes/json.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

/// Length of the UTF-8 sequence that starts with a byte; 0 if none does.
size_t sequence_length(unsigned char byte) {
  if (byte < 0x80) return 1;
  if (byte >= 0xC2 && byte < 0xE0) return 2;
  if (byte >= 0xE0 && byte < 0xF0) return 3;
  return byte >= 0xF0 && byte < 0xF5 ? 4 : 0;
}

bool is_utf8(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || at + length > text.size()) return false;
    for (size_t i = 1; i < length; ++i)
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return false;
    at += length;
  }
  return true;
}

std::string from_latin_1(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += char(0xC0 | (byte >> 6));
      out += char(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

bool is_not_finite(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return word == "nan" || word == "inf" || word == "infinity";
}

/// Replaces NaN and Infinity outside strings by null.
std::string without_infinities(const std::string& text) {
  std::string out;
  bool quoted = false;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted && text[at] == '\\' && at + 1 < text.size()) out += text[at++];
    const bool letter = !quoted && std::isalpha(static_cast<unsigned char>(text[at]));
    if (!letter) {
      out += text[at++];
      continue;
    }
    size_t end = at;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
    const std::string word = text.substr(at, end - at);
    if (is_not_finite(word) && (out.ends_with('-') || out.ends_with('+'))) out.pop_back();
    out += is_not_finite(word) ? "null" : word;
    at = end;
  }
  return out;
}

/// "parse error at line 2, column 3: .." without the library's own numbering.
std::string reason_of(const std::string& what) {
  const size_t at = what.find("line ");
  std::string reason = at == std::string::npos ? what : what.substr(at);
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return reason;
}

}  // namespace

nlohmann::json read_json_object(const std::string& path) {
  return json_object_of(read_text_file(path, kMostJsonBytes));
}

nlohmann::json json_object_of(const FileContent& content) {
  const std::string& path = content.file.path;
  std::string text = content.value;
  check_json(text, path);
  if (!is_utf8(text)) text = from_latin_1(text);
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(without_infinities(text));
  } catch (const nlohmann::json::parse_error& error) {
    fail(ErrorCode::bad_input, "{} is not JSON: {}", path, reason_of(error.what()));
  } catch (const nlohmann::json::out_of_range& error) {
    refuse_number(error.what(), path);
  }
  if (!json.is_object()) fail(ErrorCode::bad_input, "{} is not a JSON object", path);
  return json;
}

}  // namespace sociometer
