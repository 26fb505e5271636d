#pragma once
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sociometer {

using Json = nlohmann::ordered_json;

/// One input file as a sidecar names it.
struct InputFile {
  std::string path;
  std::string checksum;  ///< XXH3 (64 bits) of the file's bytes, 16 hexadecimal digits
};
InputFile input_file(const std::string& path, uint64_t checksum);

using DatasetLinks = std::map<std::string, std::string>;

/// Text of dataset_description.json of a BIDS derivative.
/// @param links  names of other datasets that BIDS URIs use, and their addresses.
std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links = {});

/// These links and those of the dataset_description.json that is there; without one, these.
DatasetLinks linked_datasets(const std::string& path, DatasetLinks links);

/// Indented text with a newline at its end; NaN and infinity become null.
std::string to_text(const Json& json);

}  // namespace sociometer
