#pragma once
#include <map>
#include <string>

#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer {

using DatasetLinks = std::map<std::string, std::string>;

/// Text of dataset_description.json for a BIDS derivative.
/// @param links  names of other datasets used in BIDS URIs, and their addresses: SourceDatasets.
std::string dataset_description(const std::string& version, const std::string& commit,
                                const DatasetLinks& links = {});

/// These links merged with those in an existing dataset_description.json.
DatasetLinks linked_datasets(const std::string& path, DatasetLinks links);

/// Writes dataset_description.json, with these links and those of an existing one.
void write_dataset_description(OutputSet& outputs, const DatasetLinks& links = {});

}  // namespace sociometer
