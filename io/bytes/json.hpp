#pragma once
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace sociometer {

/// Keys keep the order in which they were added.
using Json = nlohmann::ordered_json;

/// Adds the fields of an object to another; those that it has are replaced.
void append(Json& object, const Json& fields);

/// Indented text with a newline at its end; NaN and infinity become null.
std::string to_text(const Json& json);

/// One input file as a record names it.
struct InputFile {
  std::string path;
  std::string checksum;  ///< XXH3 (64 bits) of the file's bytes, 16 hexadecimal digits
};
InputFile input_file(const std::string& path, uint64_t checksum);

}  // namespace sociometer
