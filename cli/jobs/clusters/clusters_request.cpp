#include "cli/jobs/clusters/clusters_request.hpp"

#include <algorithm>
#include <cmath>

#include "cli/jobs/given.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

void require_level(double level, const std::string& option) {
  if (!(level > 0 && level < 1))
    fail(ErrorCode::usage, "{} is {:g}; it must lie between 0 and 1", option, level);
}

void check_threshold(const ThresholdRequest& a) {
  if (a.rule == HeightRule::value) {
    if (!(a.level > 0) || !std::isfinite(a.level))
      fail(ErrorCode::usage, "--value is {:g}; it must be above 0", a.level);
  } else {
    require_level(a.level, "--" + name_of(a.rule));
  }
  if (a.cluster_p) require_level(*a.cluster_p, "--cluster-fwe");
  if (a.negative && a.sided == Sides::two)
    fail(ErrorCode::usage, "--negative is of one side; leave out --sided two, which has both");
  if (a.connectivity != 6 && a.connectivity != 18 && a.connectivity != 26)
    fail(ErrorCode::usage, "--connectivity is {}; it must be 6, 18 or 26", a.connectivity);
  if (!(a.min_size > 0) || !std::isfinite(a.min_size))
    fail(ErrorCode::usage, "--min-cluster-size is {:g}; it must be above 0", a.min_size);
}

void check_smoothness(const SmoothnessRequest& a) {
  if (int(!a.residuals.empty()) + int(!a.fwhm_mm.empty()) + int(!a.table.empty()) > 1)
    fail(ErrorCode::usage,
         "--residuals, --fwhm and --smoothness-of each give the smoothness; give one of them");
  if (a.residual_dof && a.residuals.empty())
    fail(ErrorCode::usage, "--residual-dof belongs to --residuals, which are not given");
  if (a.residual_dof && !(*a.residual_dof > 0 && std::isfinite(*a.residual_dof)))
    fail(ErrorCode::usage, "--residual-dof is {:g}; it must be above 0", *a.residual_dof);
  if (a.fwhm_mm.size() != 0 && a.fwhm_mm.size() != 1 && a.fwhm_mm.size() != 3)
    fail(ErrorCode::usage, "--fwhm has {} numbers; give one, or three for x, y and z",
         a.fwhm_mm.size());
  for (const double fwhm : a.fwhm_mm)
    if (!(fwhm > 0) || !std::isfinite(fwhm))
      fail(ErrorCode::usage, "--fwhm is {:g} mm; it must be above 0", fwhm);
}

void check_statistic(const SearchedMapRequest& a) {
  for (const double dof : a.dof)
    if (!(dof > 0)) fail(ErrorCode::usage, "--dof is {:g}; it must be above 0", dof);
  if (a.dof.empty()) return;
  if (!a.statistic) fail(ErrorCode::usage, "--dof needs --statistic, t or F, of which they are");
  const size_t n = *a.statistic == StatisticOfMap::t   ? 1
                   : *a.statistic == StatisticOfMap::F ? 2
                                                       : 0;
  if (a.dof.size() != n)
    fail(ErrorCode::usage, "--dof has {} numbers; {} has {}", a.dof.size(), name_of(*a.statistic),
         n);
}

}  // namespace

void check(const ClustersRequest& a) {
  require_given(!a.searched.map.empty(), "MAP");
  require_given(!a.output.empty(), "--output");
  check_statistic(a.searched);
  check_threshold(a.threshold);
  check_smoothness(a.smoothness);
  if (!a.smoothness.known() && a.threshold.rule == HeightRule::rft)
    fail(ErrorCode::usage,
         "--rft needs the smoothness of the noise; give --residuals, --fwhm or --smoothness-of");
  if (!a.smoothness.known() && a.threshold.cluster_p)
    fail(ErrorCode::usage,
         "--cluster-fwe needs the smoothness of the noise; give --residuals, --fwhm or "
         "--smoothness-of");
  require_level(a.alpha, "--alpha");
  if (!(a.peak_distance_mm >= 0))
    fail(ErrorCode::usage, "--peak-distance is {:g} mm; it must not be negative",
         a.peak_distance_mm);
  if (a.max_peaks < 1)
    fail(ErrorCode::usage, "--max-peaks is {}; a cluster has 1 at least, its maximum", a.max_peaks);
  if (!a.atlas_labels.empty() && a.atlas_labels.size() != a.atlases.size())
    fail(ErrorCode::usage, "{} --atlas-labels for {} --atlas; give one table per atlas",
         a.atlas_labels.size(), a.atlases.size());
}

}  // namespace sociometer::jobs
