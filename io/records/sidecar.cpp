#include "io/records/sidecar.hpp"

#include <fstream>

namespace sociometer {

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

}  // namespace sociometer
