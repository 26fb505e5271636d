#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sociometer {

/// JSON whose keys keep their insertion order.
using Json = nlohmann::ordered_json;

/// Merges `fields` into `object`, replacing existing keys.
void append(Json& object, const Json& fields);

/// Limits of JSON that is read: what builds and writes it recurses, and looks members up one by
/// one.
inline constexpr size_t kDeepestJson = 200;
inline constexpr size_t kMostJsonMembers = 100'000;  ///< of one object
inline constexpr uint64_t kMostJsonBytes = uint64_t{64} << 20;

/// Refuses JSON beyond these limits before a parser builds it.
/// @throws Error{bad_input} with both numbers.
/// @cost  one pass over the text.
void check_json(std::string_view text, const std::string& where);

/// Refuses JSON in which an object has two members of one name: a parser would keep the last, and
/// what was written first would be ignored without a word. For files that people write.
/// @param text  valid JSON.
/// @throws Error{bad_input} naming the members that contain it, and it.
void require_members_once(const std::string& text, const std::string& where);

/// Refuses JSON in which a parser found a number that no double holds. @param what  its message.
[[noreturn]] void refuse_number(const std::string& what, const std::string& where);

/// What a text holds; discarded if it is no JSON.
/// @throws Error{bad_input}, see check_json.
Json parse_json(const std::string& text, const std::string& where);

/// The content of an optional file of another program; null if it is not there, not JSON, or beyond
/// the limits.
/// @throws Error{bad_input} if it is there but cannot be read.
Json json_in_file(const std::filesystem::path& path);

/// Indented text ending in a newline; NaN and infinity become null.
std::string to_text(const Json& json);

/// An input file as listed in a record.
struct InputFile {
  std::string path;
  std::string checksum;  ///< XXH3 (64 bits) of the file's bytes, 16 hexadecimal digits
  bool operator==(const InputFile&) const = default;
};
InputFile input_file(const std::string& path, uint64_t checksum);

}  // namespace sociometer
