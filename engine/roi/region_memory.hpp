#pragma once
#include <cstddef>

#include <Eigen/Dense>

#include "engine/roi/region_values.hpp"

namespace sociometer {

/// The sizes of an extraction, or of a fit of regions.
struct RegionWork {
  Eigen::Index n_grid_voxels = 0;
  size_t value_bytes = 8;         ///< of the images
  Eigen::Index n_tables = 0;      ///< maps and contrasts that give a row per region
  Eigen::Index n_statistics = 1;  ///< rows per region and table
  bool keeps_values = false;      ///< of all maps: eigenvariates over them
  Eigen::Index n_scans = 0;       ///< of a series: the longest; 0: maps
  bool keeps_series = false;      ///< eigenvariates over scans
  double store_bytes = 0;         ///< the largest estimates.h5 of a participant, all runs
};

/// Peak memory of work on regions, foreseen before images are read. All in bytes.
struct RegionMemory {
  double held = 0;    ///< the program, regions and the rows of the table
  double worker = 0;  ///< more for each image that is read side by side
  double peak(int n_workers) const { return held + n_workers * worker; }
  /// As many side by side as fit, at most `wanted`; 0: not even one.
  /// @param allowed  0: no limit.
  int workers_within(double allowed, int wanted) const;
};

RegionMemory memory_of(const RegionGather& regions, const RegionWork& work);

}  // namespace sociometer
