#include "io/sidecar.hpp"

#include <fmt/format.h>

namespace sociometer {

InputFile input_file(const std::string& path, uint32_t crc32) {
  return {path, fmt::format("{:08x}", crc32)};
}

std::string dataset_description(const std::string& version, const std::string& commit) {
  Json json;
  json["Name"] = "Sociometer outputs";
  json["BIDSVersion"] = "1.9.0";
  json["DatasetType"] = "derivative";
  json["GeneratedBy"] =
      Json::array({{{"Name", "Sociometer"}, {"Version", version}, {"Commit", commit}}});
  return to_text(json);
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sociometer
