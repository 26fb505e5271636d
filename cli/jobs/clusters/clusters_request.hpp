#pragma once
#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/core/names.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/group_choices.hpp"
#include "engine/group/height_rule.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// What the values of a map are; `other` has no distribution, so clusters but no p-values.
enum class StatisticOfMap { t, F, z, other };
constexpr std::array<Name<StatisticOfMap>, 4> names_of(std::type_identity<StatisticOfMap>) {
  return {{{StatisticOfMap::t, "t"},
           {StatisticOfMap::F, "f"},
           {StatisticOfMap::z, "z"},
           {StatisticOfMap::other, "other"}}};
}

enum class SizeUnit { voxels, mm3 };
constexpr std::array<Name<SizeUnit>, 2> names_of(std::type_identity<SizeUnit>) {
  return {{{SizeUnit::voxels, "voxels"}, {SizeUnit::mm3, "mm3"}}};
}

/// The map, what its values are, and where it is searched.
struct SearchedMapRequest {
  std::string map, mask;                    ///< no mask: finite values other than 0
  std::optional<StatisticOfMap> statistic;  ///< none: as its files state
  std::vector<double> dof;                  ///< of t: one; of F: numerator, denominator
  /// As which the map is thresholded; z: after conversion to the z of the same upper-tail p.
  PermuteAs threshold_as = PermuteAs::statistic;
  std::vector<std::string> small_volumes;  ///< masks, [NAME=]FILE
};
SOCIOMETER_FIELDS(SearchedMapRequest) {
  visit("map", self.map);
  visit("mask", self.mask);
  visit("statistic", self.statistic);
  visit("dof", self.dof);
  visit("threshold_as", self.threshold_as);
  visit("small_volumes", self.small_volumes);
}

/// The smoothness of the noise, from one of these or not known.
struct SmoothnessRequest {
  std::vector<std::string> residuals;  ///< images of residuals, 3D or 4D
  std::optional<double> residual_dof;  ///< none: those of the statistic
  SmoothnessEstimate estimate = SmoothnessEstimate::local;
  std::vector<double> fwhm_mm;  ///< one, or along x, y, z
  std::string table;            ///< record of a cluster table, whose smoothness is taken
  bool known() const { return !residuals.empty() || !fwhm_mm.empty() || !table.empty(); }
};
SOCIOMETER_FIELDS(SmoothnessRequest) {
  visit("residuals", self.residuals);
  visit("residual_dof", self.residual_dof);
  visit("estimate", self.estimate);
  visit("fwhm_mm", self.fwhm_mm);
  visit("table", self.table);
}

/// What passes.
struct ThresholdRequest {
  HeightRule rule = HeightRule::p;
  double level = ReportOptions{}.forming_p;  ///< a p-value, or the height
  bool above_only = ReportOptions{}.above_only;
  Sides sided = Sides::one;
  bool negative = false;
  int connectivity = ReportOptions{}.connectivity;
  double min_size = double(ReportOptions{}.min_size);
  SizeUnit size_unit = SizeUnit::voxels;
  std::optional<double> cluster_p;  ///< largest random-field p of a cluster's size
  ClusterVolume rft_clusters = ClusterVolume::resels;
};
SOCIOMETER_FIELDS(ThresholdRequest) {
  visit("rule", self.rule);
  visit("level", self.level);
  visit("above_only", self.above_only);
  visit("sided", self.sided);
  visit("negative", self.negative);
  visit("connectivity", self.connectivity);
  visit("min_cluster_size", self.min_size);
  visit("size_unit", self.size_unit);
  visit("cluster_p", self.cluster_p);
  visit("rft_clusters", self.rft_clusters);
}

/// Clusters of a map: thresholded map, numbered clusters, table.
struct ClustersRequest {
  SearchedMapRequest searched;
  ThresholdRequest threshold;
  SmoothnessRequest smoothness;
  double peak_distance_mm = ReportOptions{}.peak_distance_mm, alpha = ReportOptions{}.alpha;
  int max_peaks = int(ReportOptions{}.max_peaks);  ///< of a cluster, with the maximum
  ClusterOrder order = ReportOptions{}.order;
  std::vector<std::string> atlases, atlas_labels;
  MapType map_type = MapType::float32;
  std::string prefix, output;
};
SOCIOMETER_FIELDS(ClustersRequest) {
  visit("searched", self.searched);
  visit("threshold", self.threshold);
  visit("smoothness", self.smoothness);
  visit("peak_distance_mm", self.peak_distance_mm);
  visit("alpha", self.alpha);
  visit("max_peaks", self.max_peaks);
  visit("order", self.order);
  visit("atlases", self.atlases);
  visit("atlas_labels", self.atlas_labels);
  visit("map_type", self.map_type);
  visit("prefix", self.prefix);
  visit("output", self.output);
}

/// Rejects contradictory requests, before any file is read.
/// @throws Error{usage}.
void check(const ClustersRequest& request);

}  // namespace sociometer::jobs
