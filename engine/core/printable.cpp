#include "engine/core/printable.hpp"

#include <fmt/format.h>

namespace sociometer {
namespace {

unsigned byte_at(std::string_view text, size_t at) { return static_cast<unsigned char>(text[at]); }

/// Length of the UTF-8 character that begins at a byte; 0 if none does.
/// @source Unicode 15, table 3-7 (well-formed byte sequences).
size_t character_length(std::string_view text, size_t at) {
  const unsigned first = byte_at(text, at);
  const size_t length = first < 0x80                     ? 1
                        : first >= 0xC2 && first <= 0xDF ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  if (length < 3) return length;
  const unsigned second = byte_at(text, at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  return overlong || surrogate || (first == 0xF4 && second > 0x8F) ? 0 : length;
}

bool is_control(std::string_view text, size_t at, size_t length) {
  const unsigned first = byte_at(text, at);
  if (length == 1) return first < 0x20 || first == 0x7F;
  return length == 2 && first == 0xC2 && byte_at(text, at + 1) < 0xA0;  // U+0080 to U+009F
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  if (bytes == "\r") return "\\r";
  std::string out;
  for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

std::string printable(std::string_view text, LineEnds line_ends) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = character_length(text, at), taken = length == 0 ? 1 : length;
    const bool kept = text[at] == '\n' && line_ends == LineEnds::kept;
    const bool plain = kept || (length > 0 && !is_control(text, at, length));
    out += plain ? std::string(text.substr(at, taken)) : escaped(text.substr(at, taken));
    at += taken;
  }
  return out;
}

std::string shortened(std::string_view text) {
  constexpr size_t kMost = 120;
  if (text.size() <= kMost) return std::string(text);
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // of UTF-8
  return std::string(text.substr(0, end)) + "..";
}

std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return text;
}

std::string control_character_in(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = character_length(text, at), taken = length == 0 ? 1 : length;
    if (length > 0 && is_control(text, at, length)) return escaped(text.substr(at, taken));
    at += taken;
  }
  return "";
}

}  // namespace sociometer
