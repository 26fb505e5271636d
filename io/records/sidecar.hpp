#pragma once
#include <map>
#include <string>

#include "io/bytes/json.hpp"

namespace sociometer {

using DatasetLinks = std::map<std::string, std::string>;

/// Text of dataset_description.json of a BIDS derivative.
/// @param links  names of other datasets that BIDS URIs use, and their addresses.
std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links = {});

/// These links and those of the dataset_description.json that is there; without one, these.
DatasetLinks linked_datasets(const std::string& path, DatasetLinks links);

}  // namespace sociometer
