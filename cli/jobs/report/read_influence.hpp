#pragma once
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "io/report/influence_section.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// Influence of participants on each t contrast of a group analysis, from its record, its design
/// and the maps that it lists, which must still be there: as listed, else relative to the folders
/// above the record. Voxels are those that enough participants have and that have a t in the
/// group's own map.
/// @return empty, with a warning that says why, where the maps are gone, changed their grid, or are
///         not one per row of the design (differences within people, images of several volumes).
/// @cost  reads each map once.
std::vector<InfluenceFindings> read_influence(const FoundGroup& group, Warnings& warnings);
std::vector<InfluenceFindings> read_influence(const std::vector<FoundGroup>& groups,
                                              Warnings& warnings);

}  // namespace sociometer::jobs
