#pragma once
#include <map>
#include <string>

#include "io/bytes/json.hpp"

namespace sociometer {

using DatasetLinks = std::map<std::string, std::string>;

/// Text of dataset_description.json for a BIDS derivative.
/// @param links  names of other datasets used in BIDS URIs, and their addresses.
std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links = {});

/// These links merged with those in an existing dataset_description.json.
DatasetLinks linked_datasets(const std::string& path, DatasetLinks links);

}  // namespace sociometer
