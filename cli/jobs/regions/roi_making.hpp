#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/regions/roi_inputs.hpp"

namespace sociometer::cli {

/// Options of `roi make`.
struct MakeArguments {
  std::string like, within, output;
  std::vector<std::string> spheres, boxes, thresholds, weights, masks, sets, unions, intersections,
      differences;
  RegionArguments atlas;
  std::optional<double> radius_mm;
};

/// A region and what its table row says beside.
struct Made {
  KnownRegion known;
  std::optional<Eigen::Vector3d> centre_mm;
  double radius_mm = 0;
  double share_in_grid = 1;  ///< of the region's voxels
};

/// The grid to make regions on: --like, else that of the only image there is.
GridRule grid_rule(const MakeArguments& arguments);

/// All regions that the options ask for, single ones before combinations.
/// @param lost  gets the names of labels without a voxel on the grid.
/// @throws Error{usage} naming the option's form.
std::vector<Made> make_regions(const MakeArguments& arguments, const GridRule& rule,
                               std::vector<std::string>& lost);

/// Cuts all regions to --within.
void keep_within(const MakeArguments& arguments, const GridRule& rule, std::vector<Made>& made);

}  // namespace sociometer::cli
