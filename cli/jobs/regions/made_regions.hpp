#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/make_request.hpp"
#include "engine/core/journal.hpp"
#include "io/records/region_masks.hpp"

namespace sociometer::jobs {

/// The grid to make regions on: that of `like`, else that of the only image there is.
GridRule grid_rule(const MakeRequest& request);

/// All regions that were asked for, single ones before combinations.
/// @param lost  gets the names of labels without a voxel on the grid.
/// @throws Error{usage} naming the option's form.
std::vector<MadeRegion> make_regions(const MakeRequest& request, const GridRule& rule,
                                     std::vector<std::string>& lost, Journal& journal);

/// Cuts all regions to `within`.
void keep_within(const MakeRequest& request, const GridRule& rule, std::vector<MadeRegion>& made);

}  // namespace sociometer::jobs
