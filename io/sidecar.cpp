#include "io/sidecar.hpp"

#include <fstream>

#include <fmt/format.h>

namespace sociometer {

InputFile input_file(const std::string& path, uint64_t checksum) {
  return {path, fmt::format("{:016x}", checksum)};
}

std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links) {
  Json json;
  json["Name"] = "Sociometer outputs";
  json["BIDSVersion"] = "1.9.0";
  json["DatasetType"] = "derivative";
  json["GeneratedBy"] =
      Json::array({{{"Name", "Sociometer"}, {"Version", version}, {"Commit", commit}}});
  for (const auto& [name, address] : links) json["DatasetLinks"][name] = address;
  return to_text(json);
}

DatasetLinks linked_datasets(const std::string& path, DatasetLinks links) {
  std::ifstream file(path);
  const Json json = Json::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains("DatasetLinks") || !json["DatasetLinks"].is_object())
    return links;
  for (const auto& [name, address] : json["DatasetLinks"].items())
    if (address.is_string()) links.emplace(name, address.get<std::string>());
  return links;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sociometer
