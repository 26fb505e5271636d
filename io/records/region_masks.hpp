#pragma once
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/bytes/output_set.hpp"
#include "io/images/region_files.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

/// A region and the other columns of its row in rois.tsv.
struct MadeRegion {
  KnownRegion known;
  std::optional<Eigen::Vector3d> centre_mm;
  double radius_mm = 0;      ///< of a sphere
  double share_in_grid = 1;  ///< of the region's voxels
};

/// @throws Error{bad_input} for two regions whose masks would be the same file.
void check_file_names(const std::vector<MadeRegion>& made);

/// Writes each region's mask (or weights) with its sidecar, rois.tsv with its dictionary, and,
/// where no voxel is in two regions and none has weights, all of them as one image of labels.
/// @param lost  names of labels without a voxel on the grid.
void write_region_masks(const std::vector<MadeRegion>& made, const GridRule& rule,
                        const std::vector<std::string>& lost, const Provenance& provenance,
                        OutputSet& outputs, int n_threads);

}  // namespace sociometer
