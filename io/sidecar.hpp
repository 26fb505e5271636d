#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sociometer {

using Json = nlohmann::ordered_json;

/// One input file as a sidecar names it.
struct InputFile {
  std::string path;
  std::string crc32;  ///< of the file's bytes, 8 hexadecimal digits
};
InputFile input_file(const std::string& path, uint32_t crc32);

/// Text of dataset_description.json of a BIDS derivative.
std::string dataset_description(const std::string& version, const std::string& commit);

/// Indented text with a newline at its end; NaN and infinity become null.
std::string to_text(const Json& json);

}  // namespace sociometer
