#pragma once
#include <span>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
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

/// What a value of a region is. All but the last two are numbers of a summary.
enum class RegionStatistic {
  mean,
  weighted_mean,
  median,
  peak,
  minimum,
  sum,
  sd,
  weighted_sum,
  count,
  eigenvariate,  ///< the first, over observations
  psc            ///< percent signal change
};
constexpr std::array<Name<RegionStatistic>, 11> names_of(std::type_identity<RegionStatistic>) {
  return {{{RegionStatistic::mean, "mean"},
           {RegionStatistic::weighted_mean, "weighted-mean"},
           {RegionStatistic::median, "median"},
           {RegionStatistic::peak, "peak"},
           {RegionStatistic::minimum, "minimum"},
           {RegionStatistic::sum, "sum"},
           {RegionStatistic::sd, "sd"},
           {RegionStatistic::weighted_sum, "weighted-sum"},
           {RegionStatistic::count, "count"},
           {RegionStatistic::eigenvariate, "eigenvariate"},
           {RegionStatistic::psc, "psc"}}};
}
/// @param statistic  of a summary.
double statistic_of(const RegionSummary& summary, RegionStatistic statistic);

/// Whether it is a number of one map's summary: all but eigenvariate and psc.
bool is_of_summary(RegionStatistic statistic);
/// @throws Error{usage} listing the statistics that a scan of a series has, which are those of a
/// summary, unless this is one of them or eigenvariate.
void require_statistic_of_scans(RegionStatistic statistic);

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

/// The first eigenvariate of each region over maps, such as those of one contrast over
/// participants. It is taken over the voxels that have a value in all maps that cover the region.
/// @param maps  values of gather.voxels(), one vector per map; not finite: not covered.
/// @return (n_maps, n_regions); NaN for a map that does not cover the region, and for a region
///         without a voxel that they share.
Eigen::MatrixXd eigenvariates(const std::vector<std::span<const double>>& maps,
                              const RegionGather& gather);

/// Makes NaN of the values outside a mask: where it is 0 or not finite. Without one, of those that
/// are exactly 0, which in the maps of most programs lie outside the mask, unless they count.
/// @param mask  one value per value of the map, or empty.
void drop_uncovered(std::vector<double>& values, std::span<const double> mask, bool include_zeros);

/// The mean of maps that count alike, voxel by voxel.
/// @param maps  one or more, of the same voxels; NaN where one has no value.
std::vector<double> mean_of_maps(const std::vector<std::vector<double>>& maps);

/// Mean of the signal over the voxels of each region that have an effect.
/// @param effects, signal  one per gather.voxels(); an effect that is not finite is not there.
std::vector<double> baselines(const RegionGather& gather, std::span<const double> effects,
                              std::span<const double> signal);

}  // namespace sociometer
