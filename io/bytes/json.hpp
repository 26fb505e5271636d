#pragma once
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace sociometer {

/// JSON whose keys keep their insertion order.
using Json = nlohmann::ordered_json;

/// Merges `fields` into `object`, replacing existing keys.
void append(Json& object, const Json& fields);

/// Indented text ending in a newline; NaN and infinity become null.
std::string to_text(const Json& json);

/// An input file as listed in a record.
struct InputFile {
  std::string path;
  std::string checksum;  ///< XXH3 (64 bits) of the file's bytes, 16 hexadecimal digits
};
InputFile input_file(const std::string& path, uint64_t checksum);

}  // namespace sociometer
