#pragma once
#include <span>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/roi/region.hpp"

namespace sociometer {

/// Summary of one map in one region, over the region's voxels that the map covers.
struct RegionSummary {
  Eigen::Index n_covered = 0;  ///< voxels with a finite value
  /// Covered proportion of the region, including its part beyond the grid; by |weight| if weighted.
  double coverage = 0;
  double mean, median, sum, sd, minimum;
  double peak;           ///< maximum
  double weighted_mean;  ///< sum w v / sum w; the plain mean if unweighted
  double weighted_sum;   ///< sum w v: pattern expression
};

/// Optional parts of a summary; sums and extremes are always computed, at no extra cost.
struct SummaryParts {
  bool median = true, sd = true;
};

/// The names of the statistics in tables: mean, weighted-mean, median, peak, minimum, sum,
/// sd (n - 1), weighted-sum, count.
const std::vector<std::string>& region_statistics();
/// @throws Error{usage} listing the available names.
double statistic_of(const RegionSummary& summary, const std::string& statistic);

/// Regions of one grid prepared for many maps: the voxels needed, and the positions of each
/// region's voxels among them.
class RegionGather {
 public:
  /// @param regions  all on the same grid; they may overlap.
  explicit RegionGather(const std::vector<Region>& regions);

  /// Voxels in at least one region, ascending.
  const std::vector<uint32_t>& voxels() const { return voxels_; }
  size_t n_regions() const { return positions_.size(); }
  /// Indices into voxels() of a region's voxels.
  const std::vector<uint32_t>& positions(size_t region) const { return positions_[region]; }

  /// One summary per region; NaN (and coverage 0) for a region that the map does not cover.
  /// @param values  one per voxels(); non-finite means not covered.
  /// @param parts   median and sd are NaN unless selected.
  /// @cost  one pass over the regions' voxels, one more for sd, a partial sort for medians.
  std::vector<RegionSummary> summarise(std::span<const double> values,
                                       SummaryParts parts = {}) const;

 private:
  std::vector<uint32_t> voxels_;
  std::vector<std::vector<uint32_t>> positions_;
  std::vector<std::vector<double>> weights_;
  std::vector<double> outside_;
};

/// The first eigenvariate of a region over observations (scans or participants).
///
/// With Y = U S V', it is u_1 s_1 / sqrt(n_voxels), with the sign that makes the sum of the voxel
/// weights v_1 positive. Nothing is centred here.
/// @param values  Y, (n_observations, n_voxels), finite.
/// @return one value per observation, in the units of Y; zeros if Y is zero.
/// @cost  the eigenvectors of the smaller of Y Y' and Y' Y.
/// @source Friston et al. 2006, NeuroImage 30:1077; scaling as in SPM's VOIs.
Eigen::VectorXd first_eigenvariate(const Eigen::MatrixXd& values);

}  // namespace sociometer
