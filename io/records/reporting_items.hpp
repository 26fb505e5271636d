#pragma once
#include <string>
#include <vector>

#include "io/records/record_reader.hpp"

namespace sociometer {

/// An item that a paper should report, with what the records have on it.
struct ReportingItem {
  std::string section, item;
  std::string value;      ///< empty: the records do not have it
  std::string elsewhere;  ///< where to find it then
};

/// Items of the guidelines of OHBM's committee on best practices, as far as they concern what this
/// program does, and those that only the dataset can answer.
/// @param files  outputs of an analysis: records and others, which are skipped.
/// @throws Error{bad_input} for a record that cannot be read.
/// @source Nichols et al. 2017, Nature Neuroscience 20:299 (COBIDAS); the list of items is ours.
std::vector<ReportingItem> reporting_items_of(const std::vector<std::string>& files);
/// The same of records that were found, without opening them again.
std::vector<ReportingItem> reporting_items_of_records(const std::vector<FoundRecord>& records);

}  // namespace sociometer
