#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/regions/region_request.hpp"
#include "engine/core/journal.hpp"
#include "io/images/region_files.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::jobs {

/// Splits "NAME=REST".
/// @param form  expected syntax, for the message.
/// @throws Error{usage}.
std::pair<std::string, std::string> split_name(const std::string& text, const std::string& form);

/// "NAME=1,2,3" with exactly n numbers.
/// @throws Error{usage}.
std::pair<std::string, std::vector<double>> named_numbers(const std::string& text, size_t n,
                                                          const std::string& form);

/// "sub-01_mask" from "dir/sub-01_mask.nii.gz".
std::string stem_of(const std::string& path);

/// The regions on the grid of `rule`, checked. Warns about labels without voxels on it.
/// @param lost  receives the names of those labels.
/// @throws Error naming the option and the file.
std::vector<KnownRegion> load_regions(const RegionRequest& request, const GridRule& rule,
                                      std::vector<std::string>& lost, Journal& journal);

/// The plain regions, and their names.
std::vector<Region> plain_regions(const std::vector<KnownRegion>& regions);

/// The files of a table of region values, relative to the output folder.
std::vector<std::string> value_files(const Provenance& provenance, const std::string& prefix);

/// The warnings and notes about these regions, one line each, without repeats.
std::vector<std::string> region_notes(const std::vector<KnownRegion>& regions);

}  // namespace sociometer::jobs
