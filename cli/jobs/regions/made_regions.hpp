#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/make_request.hpp"
#include "engine/core/journal.hpp"
#include "io/records/region_masks.hpp"

namespace sociometer::jobs {

/// The grid on which regions are made: that of `like`, else that of the only image given.
GridRule grid_rule(const MakeRequest& request);

/// All requested regions, single ones before combinations.
/// @param lost  receives the names of labels without a voxel on the grid.
/// @throws Error{usage} naming the option's syntax.
std::vector<MadeRegion> make_regions(const MakeRequest& request, const GridRule& rule,
                                     std::vector<std::string>& lost, Journal& journal);

/// Restricts all regions to `within`.
void keep_within(const MakeRequest& request, const GridRule& rule, std::vector<MadeRegion>& made);

}  // namespace sociometer::jobs
