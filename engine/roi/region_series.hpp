#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/series_source.hpp"
#include "engine/roi/region_values.hpp"

namespace sociometer {

/// Time courses of regions.
struct RegionSeries {
  Eigen::MatrixXd values;  ///< (n_scans, n_regions); NaN for a region without coverage
  std::vector<double> coverage;
  std::vector<Eigen::Index> n_voxels;  ///< covered
};

/// Which voxels of a series are included.
enum class SeriesCoverage {
  nonzero,  ///< those finite and nonzero in the first volume
  all,      ///< all, except those that are not finite
};

/// Reads a series once and averages each region in each scan.
///
/// @param statistic  of a scan's summary; or eigenvariate: the first eigenvariate over scans of the
///                   voxels' mean-centred series, plus the mean of the region.
/// @throws Error{usage} for a statistic that a single scan does not have.
///
/// @cost  one pass over the series; memory n_scans * n_regions, and n_scans * voxels of all regions
///        for the eigenvariate.
RegionSeries read_region_series(VolumeSource& source, const RegionGather& gather,
                                RegionStatistic statistic, SeriesCoverage coverage);

}  // namespace sociometer
