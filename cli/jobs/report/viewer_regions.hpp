#pragma once
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/records/record_reader.hpp"
#include "io/report/raster.hpp"
#include "io/report/region_section.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// Regions of interest as one image of whole numbers with their names.
struct ViewerRegions {
  GridValues labels;
  std::vector<std::pair<int, std::string>> names;
};

/// The regions that the study's question is about; without a dissociation all that have values.
std::set<std::string> regions_in_question(const RegionFindings& findings);

/// The masks of these regions among the records (roi-NAME_mask). Of regions that overlap, the
/// smaller lies on top; masks on another grid than the first are left out, with a warning.
/// @return nothing if there is no mask of them.
std::optional<ViewerRegions> viewer_regions(const std::vector<FoundRecord>& records,
                                            const std::set<std::string>& wanted,
                                            Warnings& warnings);

}  // namespace sociometer::jobs
