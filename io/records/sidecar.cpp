#include "io/records/sidecar.hpp"

#include "io/records/provenance.hpp"

namespace sociometer {

std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links) {
  Json json;
  json["Name"] = "Sociometer outputs";
  json["BIDSVersion"] = "1.9.0";
  json["DatasetType"] = "derivative";
  json["GeneratedBy"] =
      Json::array({{{"Name", "Sociometer"}, {"Version", version}, {"Commit", commit}}});
  for (const auto& [name, address] : links) {
    json["SourceDatasets"].push_back({{"URL", address}});
    json["DatasetLinks"][name] = address;
  }
  return to_text(json);
}

DatasetLinks linked_datasets(const std::string& path, DatasetLinks links) {
  const Json json = json_in_file(path);
  if (!json.is_object() || !json.contains("DatasetLinks") || !json["DatasetLinks"].is_object())
    return links;
  for (const auto& [name, address] : json["DatasetLinks"].items())
    if (address.is_string()) links.emplace(name, address.get<std::string>());
  return links;
}

void write_dataset_description(OutputSet& outputs, const DatasetLinks& links) {
  constexpr const char* kName = "dataset_description.json";
  outputs.write(kName,
                dataset_description(version(), commit(),
                                    linked_datasets((outputs.folder() / kName).string(), links)));
}

}  // namespace sociometer
