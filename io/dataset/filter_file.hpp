#pragma once
#include <string>

#include "io/bids/bids_filters.hpp"
#include "io/bids/bids_finding.hpp"

namespace sociometer {

/// Adds the entry `bold` of a filter file, as given to fMRIPrep's --bids-filter-file.
///
///     {"bold": {"session": "01", "task": ["a", "b"], "run": 1, "acquisition": null, "dir": "*"}}
///
/// null: the entity is absent; "*": it is there, with any label. Entries for other images are left
/// alone, keys that no name can have become findings.
/// @throws Error{bad_input} for a file that is not such an object.
void add_filter_file(BidsFilter& filter, const std::string& path, BidsFindings& findings);

}  // namespace sociometer
